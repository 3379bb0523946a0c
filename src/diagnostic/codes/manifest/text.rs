//! Codes of reading files: what is no YAML or JSON, and what is not read.

use crate::diagnostic::{Code, Severity};

/// A manifest is no YAML.
pub static YAML_SYNTAX: Code = Code {
    name: "yaml-syntax",
    severity: Severity::Error,
    summary: "a manifest is no YAML",
    explanation: "The file could not be read as YAML from this place on; what stands before it was \
                  read. Indent with spaces, quote texts that begin with one of `{ [ & * ! | > % @` or \
                  a back-tick, and put a blank behind each `:` and `-`.",
    example: "name: \"{{1.name}}\"",
};

/// A part of YAML that manifests do not use.
pub static UNSUPPORTED_YAML: Code = Code {
    name: "unsupported-yaml",
    severity: Severity::Error,
    summary: "a part of YAML that manifests do not use",
    explanation: "Manifests are plain data: tags other than those of YAML's core schema, keys that are \
                  lists or mappings, and anchors that contain themselves are refused, because no JSON \
                  says the same.",
    example: "every: !duration 15m                        # no tags:\n\
        every: 15m",
};

/// Aliases multiply beyond measure.
pub static ALIAS_BOMB: Code = Code {
    name: "alias-bomb",
    severity: Severity::Error,
    summary: "aliases multiply beyond measure",
    explanation: "Anchors and aliases are fine, but what they stand for must not grow past a limit: a \
                  short file could fill the memory otherwise. Write the repeated parts in files of \
                  their own.",
    example: "a: &a [1, 1, 1, 1, 1, 1, 1, 1]\n\
        b: &b [*a, *a, *a, *a, *a, *a, *a, *a]\n\
        c: [*b, *b, *b, *b, *b, *b, *b, *b]          # and so on",
};

/// Lists and mappings are nested too deep.
pub static NESTING_TOO_DEEP: Code = Code {
    name: "nesting-too-deep",
    severity: Severity::Error,
    summary: "lists and mappings are nested too deep",
    explanation: "Real blueprints nest up to 36 levels. Past the limit of this version, other programs \
                  that read the same document give up, so it is refused here.",
    example: "[[[[[[[[ .. ]]]]]]]]                        # hundreds of them",
};

/// An expression of Make stands without quotes.
pub static UNQUOTED_BRACES: Code = Code {
    name: "unquoted-braces",
    severity: Severity::Error,
    summary: "an expression of Make stands without quotes",
    explanation: "YAML reads an unquoted `{` as the beginning of a mapping. Make's expressions have to \
                  be quoted.",
    example: "value: \"{{1.email}}\"",
};

/// A key stands twice in one mapping.
pub static DUPLICATE_KEY: Code = Code {
    name: "duplicate-key",
    severity: Severity::Error,
    summary: "a key stands twice in one mapping",
    explanation: "Readers of YAML and JSON disagree on which of the two counts, and one would be lost \
                  silently. Remove one of them.",
    example: "spec:\n\
        \x20 active: true\n\
        \x20 active: false",
};

/// A blueprint file is no JSON.
pub static JSON_SYNTAX: Code = Code {
    name: "json-syntax",
    severity: Severity::Error,
    summary: "a blueprint file is no JSON",
    explanation: "The file could not be read as JSON. Export the blueprint again, or mend it at the \
                  place shown.",
    example: "{ \"flow\": [ { \"id\": 1 }, ] }               # the last comma",
};

/// A file cannot be read.
pub static UNREADABLE_FILE: Code = Code {
    name: "unreadable-file",
    severity: Severity::Error,
    summary: "a file cannot be read",
    explanation: "The file is missing, may not be opened, is no regular file, has more than 32 MiB, \
                  or is no UTF-8 text.",
    example: "blueprint: { file: lead-sync.blueprint.json }   # beside the manifest",
};

/// A path leads out of the project.
pub static OUTSIDE_PROJECT: Code = Code {
    name: "outside-project",
    severity: Severity::Error,
    summary: "a path leads out of the project",
    explanation: "Manifests and blueprints must lie in the folder of makeform.yaml, links followed: \
                  what a reviewer sees in the repository is what is applied.",
    example: "blueprint: { file: ../../shared/x.blueprint.json }   # above makeform.yaml",
};
