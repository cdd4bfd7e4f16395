//! The `groma` program. Everything is in the library.

fn main() -> std::process::ExitCode {
    groma::start()
}
