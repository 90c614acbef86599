//! Compiles the limiter for the host. For the DSP its C file alone is the module.

fn main() {
    println!("cargo:rerun-if-changed=src/limiter.c");
    println!("cargo:rerun-if-changed=../../sdk/include/bulkhead.h");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "xtensa") {
        return;
    }
    cc::Build::new()
        .file("src/limiter.c")
        .include("../../sdk/include")
        .std("c11")
        // As on the target.
        .flag("-funsigned-char")
        .flag("-fwrapv")
        .extra_warnings(true)
        .compile("limiter_c");
}
