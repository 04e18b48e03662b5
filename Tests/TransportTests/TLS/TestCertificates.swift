import Foundation
import Transport

/// Certificates made with openssl in a folder that goes away with the value.
final class TestCertificates: Sendable {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "/apus-tls-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static var canBeMade: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl") }

    func path(_ file: String) -> String { folder + "/" + file }

    /// Makes `<name>.crt` and `<name>.key` of an authority.
    func makeAuthority(_ name: String) throws {
        try openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2",
            "-subj", "/CN=\(name)", "-keyout", path(name + ".key"), "-out", path(name + ".crt"),
        ])
    }

    /// Makes `<name>.crt` and `<name>.key`, signed by an authority; negative days make it expired.
    func make(_ name: String, by authority: String, alternative: String, days: Int = 2) throws {
        try openssl([
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=\(name)", "-keyout", path(name + ".key"), "-out", path(name + ".csr"),
        ])
        try "subjectAltName=\(alternative)".write(
            toFile: path(name + ".ext"), atomically: true, encoding: .utf8)
        try openssl([
            "x509", "-req", "-in", path(name + ".csr"), "-CA", path(authority + ".crt"),
            "-CAkey", path(authority + ".key"), "-CAcreateserial", "-days", String(days),
            "-extfile", path(name + ".ext"), "-out", path(name + ".crt"),
        ])
    }

    func identity(_ name: String) -> TLSIdentity {
        TLSIdentity(certificate: .file(path(name + ".crt")), key: .file(path(name + ".key")))
    }

    /// Puts the files of `source` in the place of those of `target`, as a renewal does.
    func replace(_ target: String, with source: String, suffixes: [String] = [".crt", ".key"]) throws {
        for suffix in suffixes {
            let content = try Data(contentsOf: URL(fileURLWithPath: path(source + suffix)))
            try content.write(to: URL(fileURLWithPath: path(target + suffix)), options: .atomic)
        }
    }

    private func openssl(_ arguments: [String]) throws {
        // Not Foundation's Process: its notice that a child has ended waits for other tests' children too.
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for stream: Int32 in 0...2 {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
        }
        var child = pid_t()
        var texts: [UnsafeMutablePointer<CChar>?] = (["openssl"] + arguments).map { strdup($0) } + [nil]
        defer { for text in texts { free(text) } }
        var status: Int32 = -1
        guard posix_spawn(&child, "/usr/bin/openssl", &actions, nil, &texts, environ) == 0,
            waitpid(child, &status, 0) == child, status == 0
        else { throw OpensslFailed(arguments: arguments) }
    }

    private struct OpensslFailed: Error {
        let arguments: [String]
    }
}
