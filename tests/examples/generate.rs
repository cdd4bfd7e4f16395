//! Writes a generated project to a folder: `cargo run --release -p groma-tests --example generate -- 5000 FOLDER`.

use groma_tests::generator;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (Some(Ok(metrics)), Some(folder)) = (arguments.next().map(|text| text.parse()), arguments.next()) else {
        eprintln!("usage: generate METRICS FOLDER");
        return ExitCode::from(2);
    };
    let files = generator::project(metrics);
    match write(Path::new(&folder), &files) {
        Ok(()) => {
            println!("{metrics} metrics, {} bytes of Groma, in {folder}", generator::size(&files));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{folder}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path, files: &[(String, String)]) -> io::Result<()> {
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}
