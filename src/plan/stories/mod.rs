//! Stories of planning: what people do, and what the plan then says.

mod blueprints;
mod changes;
mod drift;
mod editor;
mod environments;
mod guards;
mod kinds;
mod leaving;
mod origins;
mod pairing;
mod placeholders;
mod references;
mod secrets;
mod timing;
mod unified;
