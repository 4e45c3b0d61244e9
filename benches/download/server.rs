//! A server on loopback: just enough HTTP/1.1 around the real `git http-backend`, and files for a module proxy.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

/// Serves the repositories below `folder` until the process ends; returns the URL of the folder.
pub(crate) fn start(folder: &Path) -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("cannot listen on loopback")?;
    let address = listener.local_addr()?;
    let folder = folder.to_owned();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            // A client that hangs up is its own affair; the program that needed it will say so.
            thread::spawn(move || serve_connection(&stream, &folder));
        }
    });
    Ok(format!("http://{address}"))
}

struct Request {
    method: String,
    target: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

fn serve_connection(stream: &TcpStream, folder: &PathBuf) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = read_request(&mut reader)? {
        match request.target.strip_prefix("/proxy/") {
            Some(file) => answer_with_file(&folder.join("proxy").join(file), stream)?,
            None => answer(&request, folder, stream)?,
        }
    }
    Ok(())
}

fn read_request(reader: &mut impl BufRead) -> Result<Option<Request>> {
    let Some(first) = line(reader)? else {
        return Ok(None);
    };
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let headers = read_headers(reader)?;
    let mut body = Vec::new();
    if let Some(length) = headers.get("content-length") {
        reader.take(length.parse()?).read_to_end(&mut body)?;
    } else if headers.contains_key("transfer-encoding") {
        loop {
            let size = line(reader)?.context("a chunk has a size")?;
            let size = u64::from_str_radix(size.trim(), 16)?;
            reader.take(size).read_to_end(&mut body)?;
            line(reader)?;
            if size == 0 {
                break;
            }
        }
    }
    Ok(Some(Request {
        method,
        target,
        headers,
        body,
    }))
}

fn read_headers(reader: &mut impl BufRead) -> Result<BTreeMap<String, String>> {
    let mut headers = BTreeMap::new();
    while let Some(line) = line(reader)?.filter(|line| !line.is_empty()) {
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    Ok(headers)
}

/// The next line without its end, `None` at the end of the stream.
fn line(reader: &mut impl BufRead) -> Result<Option<String>> {
    let mut text = String::new();
    let read = reader.read_line(&mut text)?;
    Ok((read > 0).then(|| text.trim_end().to_owned()))
}

fn answer_with_file(file: &Path, mut stream: &TcpStream) -> Result<()> {
    let Ok(mut content) = File::open(file) else {
        stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")?;
        return Ok(());
    };
    let length = content.metadata()?.len();
    stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").as_bytes())?;
    std::io::copy(&mut content, &mut stream)?;
    Ok(())
}

/// Runs `git http-backend` as a web server would (RFC 3875) and passes on what it says as it says it.
fn answer(request: &Request, folder: &PathBuf, mut stream: &TcpStream) -> Result<()> {
    let (path, query) = request
        .target
        .split_once('?')
        .unwrap_or((&request.target, ""));
    let mut command = Command::new("git");
    command
        .arg("http-backend")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
        .env("GIT_PROJECT_ROOT", folder)
        .env("GIT_HTTP_EXPORT_ALL", "1");
    command
        .env("REQUEST_METHOD", &request.method)
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query);
    command
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("REMOTE_ADDR", "127.0.0.1");
    let variables = [
        ("content-type", "CONTENT_TYPE"),
        ("content-encoding", "HTTP_CONTENT_ENCODING"),
        ("git-protocol", "HTTP_GIT_PROTOCOL"),
    ];
    for (header, variable) in variables {
        if let Some(value) = request.headers.get(header) {
            command.env(variable, value);
        }
    }
    let mut backend = command.spawn().context("cannot run git http-backend")?;
    let mut input = backend
        .stdin
        .take()
        .context("git http-backend has an input")?;
    input.write_all(&request.body)?;
    drop(input);
    let mut output = BufReader::new(
        backend
            .stdout
            .take()
            .context("git http-backend has an output")?,
    );
    let mut headers = read_headers(&mut output)?;
    let status = headers
        .remove("status")
        .unwrap_or_else(|| "200 OK".to_owned());
    let mut head = format!("HTTP/1.1 {status}\r\ntransfer-encoding: chunked\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    send_chunks(&mut output, stream)?;
    backend.wait()?;
    Ok(())
}

fn send_chunks(output: &mut impl Read, mut stream: &TcpStream) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = output.read(&mut buffer)?;
        let mut chunk = format!("{length:x}\r\n").into_bytes();
        chunk.extend_from_slice(&buffer[..length]);
        chunk.extend_from_slice(b"\r\n");
        stream.write_all(&chunk)?;
        if length == 0 {
            return Ok(());
        }
    }
}
