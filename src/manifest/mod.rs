//! FILES -> what they ask for, and back.
//!
//! In goes the folder of a project: `makeform.yaml`, the manifests that it names, the blueprints
//! beside them, `makeform.ids.yaml`. Out come [`Project`], a `Desired`, and a report of all that
//! is wrong, each finding with its place. It does not read the account, resolves no reference
//! that needs it, and stops at no first mistake.
//!
//! The way: `discover` reads files, `yaml` and `json` turn text into nodes that know where they
//! stand, `document` takes the envelope off, `lower` makes specs of what is inside, `check` looks
