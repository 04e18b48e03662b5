import Glibc
import Prometheus
import Testing

@testable import Receivers

@Suite struct TargetFilesTests {
    private struct Folder: ~Copyable {
        let path = "/tmp/apus-targets-\(UInt64.random(in: 0 ... .max))"
        var file: String { "\(path)/a.json" }

        init() { mkdir(path, 0o700) }

        func write(_ text: String) {
            guard let file = fopen(file, "w") else { return }
            fputs(text, file)
            fclose(file)
        }

        deinit {
            unlink(file)
            rmdir(path)
        }
    }

    private static func targets(_ files: TargetFiles) -> [String] {
        files.groups.flatMap(\.targets).map { $0["__address__"] }
    }

    @Test(arguments: ["a.json", "*.json"])
    func `a file that is gone has no targets`(name: String) {
        let folder = Folder()
        let patterns = ["\(folder.path)/\(name)"]
        folder.write("[{\"targets\": [\"a:1\"]}]")
        let first = TargetFiles().next(patterns)
        #expect(Self.targets(first) == ["a:1"] && first.failure == nil)
        #expect(Self.targets(first.next(patterns)) == ["a:1"])
        unlink(folder.file)
        let second = first.next(patterns)
        #expect(Self.targets(second).isEmpty)
        #expect(
            second.failure == (name == "a.json" ? "\(folder.file) does not exist, so it has no targets" : nil)
        )
        rmdir(folder.path)
        let third = first.next(patterns)
        #expect(Self.targets(third).isEmpty)
    }

    @Test func `a file that is too long is not taken for its beginning`() {
        let folder = Folder()
        folder.write("[{\"targets\": [\"a:1\"]}]")
        let first = TargetFiles().next([folder.file])
        folder.write("[{\"targets\": [\"b:1\"]}]" + String(repeating: " ", count: DiscoveryLimit.bytes))
        let second = first.next([folder.file])
        #expect(Self.targets(second) == ["a:1"])
        #expect(second.failure?.contains("has more than 16777216 bytes") == true)
        folder.write("[{\"targets\": [\"b:1\"]}]")
        #expect(Self.targets(second.next([folder.file])) == ["b:1"])
    }
}
