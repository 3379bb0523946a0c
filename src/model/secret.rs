//! What looks like a secret in a blueprint, judged by the field it stands in.
