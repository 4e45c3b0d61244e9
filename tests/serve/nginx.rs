//! The real nginx.

use crate::support::sandbox::Sandbox;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// An nginx that runs, in one process.
pub(crate) struct Nginx(Child);

/// Where its modules are, as `load_module` lines; or why it cannot be run.
fn modules() -> &'static Result<String, &'static str> {
    static MODULES: OnceLock<Result<String, &'static str>> = OnceLock::new();
    MODULES.get_or_init(|| {
        let output = command().arg("-V").output();
        let output = output.map_err(|_| "nginx is not on PATH")?;
        let built = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut options = built.split_whitespace();
        if options.clone().any(|option| option == "--with-stream") {
            return Ok(String::new());
        }
        let folder = options.find_map(|option| option.strip_prefix("--modules-path="));
        let module = Path::new(folder.unwrap_or_default()).join("ngx_stream_module.so");
        match module.exists() {
            true => Ok(format!("load_module {};\n", module.display())),
            false => Err("nginx has no stream module (on Debian it is in libnginx-mod-stream)"),
        }
    })
}

/// Debian has it where the PATH of users does not lead.
fn command() -> Command {
    let debian = Path::new("/usr/sbin/nginx");
    match debian.exists() {
        true => Command::new(debian),
        false => Command::new("nginx"),
    }
}

/// Tells why nginx cannot be run on this machine.
pub(crate) fn missing() -> Option<&'static str> {
    modules().as_ref().err().copied()
}

/// Finds ports on loopback. None is one of those that the system gives to whoever wants any.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    let first = 10_000 + u16::try_from(std::process::id() % 20_000).expect("small");
    let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let free: Vec<u16> = (first..).filter(is_free).take(N).collect();
    free.try_into().expect("all of them")
}

impl Nginx {
    /// Starts one with these `http` and `stream` blocks, and waits until it answers at the ports.
    pub(crate) fn start(sandbox: &Sandbox, name: &str, blocks: &str, ports: &[u16]) -> Nginx {
        let folder = sandbox.path(name);
        std::fs::create_dir(&folder).expect("a folder");
        let folder = folder.display();
        let modules = modules().as_ref().expect("nginx");
        let configuration = format!(
            "{modules}daemon off;\nmaster_process off;\npid {folder}/pid;\n\
             error_log {folder}/error.log;\nevents {{}}\n{blocks}"
        );
        let file = sandbox.write(&format!("{name}/nginx.conf"), configuration);
        let mut command = command();
        command
            .arg("-p")
            .arg(folder.to_string())
            .arg("-c")
            .arg(file);
        command.args(["-e", "error.log"]).stdin(Stdio::null());
        let mut nginx = Nginx(command.spawn().expect("nginx"));
        for port in ports {
            while TcpStream::connect(("127.0.0.1", *port)).is_err() {
                let ended = nginx.0.try_wait().expect("a process");
                let log = || std::fs::read_to_string(sandbox.path(&format!("{name}/error.log")));
                assert!(ended.is_none(), "{ended:?}: {:?}", log());
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
