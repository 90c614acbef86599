//! Everything that can go wrong, as sentences: what, where, and what would be right.

use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

/// Why a command failed.
#[derive(Debug, Error, Diagnostic)]
pub enum Failure {
    /// A file or folder could not be used.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// As an infinitive: "read", "create".
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A program could not be started.
    #[error("cannot start `{program}`")]
    Start {
        /// Its name.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// A program ended with an error.
    #[error("{task} failed: `{program}` ended with {status}{}", indented(output))]
    Program {
        /// What it was to do.
        task: String,
        /// Its name.
        program: String,
        /// Its exit status.
        status: String,
        /// What it wrote.
        output: String,
    },
    /// Neither `XDG_CACHE_HOME` nor `HOME` names a folder.
    #[error("no cache folder: neither XDG_CACHE_HOME nor HOME names an absolute folder")]
    #[diagnostic(help("set XDG_CACHE_HOME to a folder you can write to"))]
    NoCacheFolder,
    /// A path that apt's configuration cannot express.
    #[error("the cache folder `{}` cannot be written into apt's configuration", path.display())]
    #[diagnostic(help(
        "set XDG_CACHE_HOME to a folder without quotes, spaces, brackets or line ends in its path"
    ))]
    AwkwardPath {
        /// The folder.
        path: PathBuf,
    },
    /// The sources of this project are not where the program looks for them.
    #[error("no Bulkhead sources at or above `{}`", from.display())]
    #[diagnostic(help("start `bulkhead` inside a checkout of its repository"))]
    NoWorkspace {
        /// Where the search began.
        from: PathBuf,
    },
    /// The machine's apt knows no Debian archive, or there is no apt.
    #[error("the tools cannot be fetched: {reason}")]
    #[diagnostic(help(
        "on Debian, root can install QEMU and the linker: \
         apt-get update && apt-get install qemu-system-misc binutils-xtensa-lx106\n\
         rustc >= 1.98 comes as a rustup nightly with the rust-src component, LLVM >= 23 with \
         clang as packages llvm-23 and clang-23 of your system; whatever is there is used"
    ))]
    NoArchive {
        /// What was missing.
        reason: String,
    },
    /// apt did not do what it was asked to.
    #[error("{task} failed:{}", indented(output))]
    #[diagnostic(help("check the network and try again; what was fetched so far is kept"))]
    Apt {
        /// What it was to do.
        task: &'static str,
        /// What it wrote.
        output: String,
    },
    /// The archive offers no version that will do.
    #[error("Debian offers no {wanted}; it has {offered}")]
    #[diagnostic(help(
        "the archive may be between two versions: try again later; a tool that is installed is used instead"
    ))]
    NotOffered {
        /// What was looked for.
        wanted: String,
        /// What there is.
        offered: String,
    },
    /// Third-party code cannot be fetched here.
    #[error("the code of real modules cannot be fetched: {reason}")]
    #[diagnostic(help(
        "it comes from Debian's archive, as apt on a Debian machine knows it; nothing else needs it"
    ))]
    NoThirdParty {
        /// What was missing.
        reason: String,
    },
    /// What was fetched is not what the recipe names.
    #[error("{what} is not the one that the recipes name: its SHA-256 is {found}, not {expected}")]
    #[diagnostic(help(
        "nothing of it was kept; what is wanted is written in firmware/modules/real/recipes.toml"
    ))]
    WrongDigest {
        /// What was fetched.
        what: String,
        /// Its digest.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// A name that no real module has.
    #[error("no real module is called `{name}`")]
    #[diagnostic(help("the names are: {known}"))]
    NoSuchModule {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A program that should be in the unpacked packages is not.
    #[error("the fetched packages hold no `{name}` below `{}`", prefix.display())]
    #[diagnostic(help("remove that folder and run `bulkhead setup` again"))]
    NotUnpacked {
        /// The program.
        name: String,
        /// Where it should be.
        prefix: PathBuf,
    },
    /// `-o` names one file, but there is not exactly one module.
    #[error("-o names one file, but {count} modules were given")]
    #[diagnostic(help("give exactly one PATH with -o"))]
    OutputForOne {
        /// How many paths were given.
        count: usize,
    },
    /// A path that is no module.
    #[error("`{}` is no module: {reason}", path.display())]
    #[diagnostic(help(
        "a module is a folder with a Cargo.toml, a folder of C files, or one C file"
    ))]
    NotAModule {
        /// What was given.
        path: PathBuf,
        /// What is missing.
        reason: String,
    },
    /// cargo could not build a crate; it has said why.
    #[error("cargo could not build {what}")]
    #[diagnostic(help("the compiler's messages stand above"))]
    Cargo {
        /// The package.
        what: String,
    },
    /// cargo built something, but not what was expected.
    #[error("cargo built no {what} for `{}`", manifest.display())]
    NoArtifact {
        /// What is missing.
        what: String,
        /// Whose.
        manifest: PathBuf,
    },
    /// LLVM cannot compile a function.
    #[error("LLVM cannot compile function `{function}` of {of}: {reason}")]
    #[diagnostic(help(
        "this is a defect of LLVM's Xtensa back end; splitting the function usually avoids it"
    ))]
    Compiler {
        /// The function, where LLVM names it.
        function: String,
        /// Which program.
        of: String,
        /// LLVM's words.
        reason: String,
    },
    /// An image is larger than it may be.
    #[error("the {image} has {bytes} bytes of text and read-only data, its budget is {limit}")]
    #[diagnostic(help(
        "make it smaller, or raise its budget in firmware/host/src/build/image.rs and say why"
    ))]
    OverBudget {
        /// Which.
        image: &'static str,
        /// What it has.
        bytes: u64,
        /// What it may have.
        limit: u64,
    },
    /// A file that a tool wrote is not what it should be.
    #[error("`{}` is not what it should be: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file that the kernel's loader does not take.
    #[error("`{}` is no module that the kernel loads: {reason}", path.display())]
    #[diagnostic(help("build modules with `bulkhead build`"))]
    BadModule {
        /// The file.
        path: PathBuf,
        /// The field and its value.
        reason: String,
    },
    /// A file that cannot be played.
    #[error("`{}` cannot be played: {reason}", path.display())]
    #[diagnostic(help(
        "it must be a WAV file of 16, 24 or 32-bit integer PCM with 1 or 2 channels; \
         for example: ffmpeg -i INPUT -c:a pcm_s24le -ac 2 OUTPUT.wav"
    ))]
    BadWav {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A topology that cannot be run.
    #[error("`{}` cannot be run: {reason}", path.display())]
    #[diagnostic(help("docs/pipelines.md says what a topology file holds"))]
    BadTopology {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// An output file that cannot be written.
    #[error("`{}` cannot be the output: {reason}", path.display())]
    #[diagnostic(help("name a file in a folder that exists and that you may write to"))]
    BadOutput {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Machine and model are not the same.
    #[error("the machine and its model differ; the steps that show it are above")]
    ModelDiffers,
    /// A session that did not come to its end.
    #[error("the session failed: {reason}")]
    Session {
        /// What happened.
        reason: String,
    },
    /// The report says that something is not as it must be.
    #[error("{count} {} failed; the report says which", if *count == 1 { "check" } else { "checks" })]
    Differs {
        /// How many.
        count: usize,
    },
    /// A filter that selects no case.
    #[error("no case's group or name contains `{filter}`")]
    #[diagnostic(help("`bulkhead isolate --list` says which cases there are"))]
    NoSuchCase {
        /// What was asked for.
        filter: String,
    },
    /// Figures above their limits.
    #[error("{} above the limit: {}", if keys.len() == 1 { "a figure is" } else { "figures are" }, keys.join(", "))]
    OverLimit {
        /// Which.
        keys: Vec<String>,
    },
    /// A prefix that selects no figure.
    #[error("no figure's name begins with `{prefix}`")]
    #[diagnostic(help("the names are: {known}"))]
    NoSuchFigure {
        /// What was asked for.
        prefix: String,
        /// What there is.
        known: String,
    },
}

impl Failure {
    /// For `map_err` on file operations.
    pub fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Failure {
        let path = path.to_owned();
        move |source| Failure::File {
            action,
            path,
            source,
        }
    }
}

/// The text on lines of its own, or nothing.
fn indented(output: &str) -> String {
    output
        .trim_end()
        .lines()
        .fold(String::new(), |text, line| text + "\n  " + line)
}
