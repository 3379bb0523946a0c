// What the SDK's own types promise of an answer, held against what was answered.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = join(root, 'answers.ts'); // never written: it lives in the compiler's host

/**
 * Reads the types of the SDK.
 *
 * @param {string[]} calls names of methods: `dataStores.records.list`
 * @returns {(call: string, answer: unknown) => string[]} what an answer lacks of its type, or has
 *   of another, each with its place
 */
export function promises(calls) {
  // A method that lets columns be chosen has one type for each choice: with `never` chosen it is
  // that of a call which asks for none.
  const plain = compile(calls.map(call => `make.${call}`));
  const generic = calls.map((_, index) => plain.typeOf(index).getCallSignatures()[0].typeParameters?.length > 0);
  const compiled = compile(calls.map((call, index) => (generic[index] ? `make.${call}<never>` : `make.${call}`)));
  return (call, answer) => {
    const signature = compiled.typeOf(calls.indexOf(call)).getCallSignatures()[0];
    const promise = signature.getReturnType();
    const [type] = compiled.checker.getTypeArguments(promise);
    return mismatches(compiled, answer, type, '');
  };
}

/** A program in which each expression is a constant, of whose type one can ask. */
function compile(expressions) {
  const lines = expressions.map((expression, index) => `const call${index} = ${expression};`);
  const text = `import { Make } from '@makehq/sdk';\ndeclare const make: Make;\n${lines.join('\n')}\n`;
  const options = {
    strict: true,
    noEmit: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = name => name === file || fileExists(name);
  host.readFile = name => (name === file ? text : readFile(name));
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, text, options.target, true) : getSourceFile(name, ...rest);
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  const wrong = program.getSemanticDiagnostics(source);
  if (wrong.length > 0) throw new Error(ts.formatDiagnostics(wrong, { ...host, getCanonicalFileName: name => name }));
  const checker = program.getTypeChecker();
  const constants = source.statements.filter(ts.isVariableStatement).slice(1);
  const typeOf = index => checker.getTypeAtLocation(constants[index].declarationList.declarations[0].name);
  return { checker, typeOf, source };
}

function mismatches(compiled, value, type, path) {
  const { checker } = compiled;
  const { flags } = type;
  const wrong = () => [`${path || 'the answer'} is ${shown(value)}, not ${checker.typeToString(type)}`];
  const holds = condition => (condition ? [] : wrong());
  if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Void)) return [];
  if (type.isUnion()) {
    const tried = type.types.map(member => mismatches(compiled, value, member, path));
    if (tried.some(found => found.length === 0)) return [];
    // Of alternatives, the one that came furthest is what was meant: it complains of something
    // inside.
    return tried.find(found => !found[0].startsWith(`${path || 'the answer'} is`)) ?? wrong();
  }
  if (type.isStringLiteral() || type.isNumberLiteral()) return holds(value === type.value);
  if (flags & ts.TypeFlags.BooleanLiteral) return holds(String(value) === checker.typeToString(type));
  if (flags & ts.TypeFlags.String) return holds(typeof value === 'string');
  if (flags & ts.TypeFlags.Number) return holds(typeof value === 'number');
  if (flags & ts.TypeFlags.Undefined) return holds(value === undefined);
  if (flags & ts.TypeFlags.Null) return holds(value === null);
  if (checker.isArrayType(type)) {
    if (!Array.isArray(value)) return wrong();
    const [element] = checker.getTypeArguments(type);
    return value.flatMap((item, index) => mismatches(compiled, item, element, `${path}[${index}]`));
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return wrong();
  return members(compiled, value, type, path);
}

function members(compiled, value, type, path) {
  const { checker, source } = compiled;
  const found = [];
  const named = checker.getPropertiesOfType(type);
  for (const property of named) {
    const inner = `${path}.${property.name}`;
    const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    if (!(property.name in value)) {
      if (!isOptional) found.push(`${inner} is missing`);
      continue;
    }
    found.push(...mismatches(compiled, value[property.name], checker.getTypeOfSymbolAtLocation(property, source), inner));
  }
  const index = checker.getIndexInfosOfType(type).find(info => info.keyType.flags & ts.TypeFlags.String);
  if (index) {
    for (const [name, item] of Object.entries(value)) {
      if (named.some(property => property.name === name)) continue;
      found.push(...mismatches(compiled, item, index.type, `${path}.${name}`));
    }
  }
  return found;
}

function shown(value) {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
