import Glibc
import Testing
import Transport

@testable import HTTPAPI

@Suite struct WebRoutesTests {
    private static let files = WebFiles([
        .init(path: "index.html", text: "<!doctype html>"), .init(path: "app/main.js", text: "1"),
    ])

    private static let routes: [APIRoute<SampleContext>] = WebRoutes.all(files)

    @Test(arguments: [
        ("/", "text/html; charset=utf-8", "<!doctype html>"),
        ("/page/app/main.js", "text/javascript; charset=utf-8", "1"),
    ])
    func `a file is served to everybody, with a policy that lets nothing else in`(
        _ path: String, _ type: String, _ text: String
    ) async throws {
        try await SampleAPI.with(Self.routes) { api in
            let answer = try await api.send("GET", path, as: nil)
            #expect(answer.status == 200)
            #expect(answer.fields["content-type"] == type)
            #expect(answer.text == text)
            let policy = answer.fields["content-security-policy"] ?? ""
            #expect(policy.hasPrefix("default-src 'none'"))
            #expect(!policy.contains("unsafe"))
            #expect(answer.fields.all("cache-control") == ["no-cache"])
            let tag = try #require(answer.fields["etag"])
            let again = try await api.send("GET", path, as: nil, ["if-none-match": tag])
            #expect(again.status == 304)
        }
    }

    @Test(arguments: [
        "/page/", "/page/app", "/page/../index.html", "/page/app/..%2f..%2fetc%2fpasswd", "/index.html",
    ])
    func `nothing but the files is served`(_ path: String) async throws {
        try await SampleAPI.with(Self.routes) { api in
            let answer = try await api.send("GET", path, as: nil)
            #expect(answer.status == 404)
        }
    }

    @Test func `without files the page says where they may be`() async throws {
        try await SampleAPI.with(WebRoutes.all(nil)) { api in
            let answer = try await api.send("GET", "/", as: nil)
            #expect(answer.status == 404)
            #expect(answer.text.contains("APUS_WEB_STATIC"))
        }
    }

    @Test func `a directory is read whole, without hidden files and links`() throws {
        try Folder.with { folder in
            try folder.write("index.html", "page")
            try folder.write("a/b.css", "c")
            try folder.write("a/.hidden.js", "no")
            try folder.write("a/program", "no")
            #expect(symlink("/etc/passwd", "\(folder.path)/link.txt") == 0)
            let files = try WebFiles(directory: folder.path)
            #expect(files.files.map(\.path) == ["a/b.css", "index.html"])
        }
    }

    @Test func `a directory without index.html is refused`() throws {
        try Folder.with { folder in
            try folder.write("main.js", "1")
            for directory in [folder.path, "\(folder.path)/none"] {
                #expect(throws: WebFilesError.self) { _ = try WebFiles(directory: directory) }
            }
        }
    }
}

/// A directory for one test.
private struct Folder {
    private struct Failure: Error {}

    let path: String

    static func with(_ body: (Folder) throws -> Void) throws {
        var template = Array("/tmp/apus-page-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure() }
        let folder = Folder(
            path: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        defer { folder.remove(folder.path) }
        try body(folder)
    }

    func write(_ name: String, _ text: String) throws {
        if let slash = name.lastIndex(of: "/") { mkdir("\(path)/\(name[..<slash])", 0o700) }
        guard let file = fopen("\(path)/\(name)", "w") else { throw Failure() }
        fputs(text, file)
        fclose(file)
    }

    private func remove(_ path: String) {
        if let directory = opendir(path) {
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
        }
        _ = Glibc.remove(path)
    }
}
