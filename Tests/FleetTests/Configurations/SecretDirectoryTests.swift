import Glibc
import Testing

@testable import Fleet

@Suite struct SecretDirectoryTests {
    @Test func `a secret is the content of its file without the line end`() throws {
        try Self.inDirectory(["a": "one\n", "b": "two", "c": "three\r\n"]) { path in
            let secrets = SecretDirectory(path)
            #expect(secrets.names() == ["a", "b", "c"])
            let texts = try secrets.names().map { name throws(SecretFailure) in try secrets.secret(name) }
            #expect(texts == ["one", "two", "three"])
        }
    }

    @Test(arguments: ["missing", "empty", "../a", "a/b", ".", "..", "large", "bytes"])
    func `what is no secret is a failure that says its name`(name: String) throws {
        let files = [
            "empty": "\n", "a": "x", "large": String(repeating: "x", count: SecretDirectory.largest + 1),
        ]
        try Self.inDirectory(files, bytes: ["bytes": [0xFF, 0xFE]]) { path in
            let failure = #expect(throws: SecretFailure.self) { try SecretDirectory(path).secret(name) }
            #expect(failure?.description.contains(name) == true)
        }
    }

    @Test func `without a directory there are no secrets`() {
        #expect(SecretDirectory(nil).names().isEmpty)
        #expect(throws: SecretFailure.self) { try SecretDirectory(nil).secret("a") }
    }

    private static func inDirectory(
        _ files: [String: String], bytes: [String: [UInt8]] = [:], _ body: (String) throws -> Void
    ) throws {
        try TemporaryDirectory.within { path in
            for (name, content) in files.mapValues({ Array($0.utf8) }).merging(
                bytes, uniquingKeysWith: { $1 })
            {
                let file = fopen("\(path)/\(name)", "w")
                fwrite(content, 1, content.count, file)
                fclose(file)
            }
            try body(path)
        }
    }
}
