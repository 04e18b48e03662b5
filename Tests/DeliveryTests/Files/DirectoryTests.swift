import Glibc
import Testing

@testable import Delivery

@Suite struct DirectoryTests {
    @Test func `every name is listed, however many there are`() throws {
        let path = "/tmp/apus-directory-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try Directory.make(path, permissions: 0o700)
        // More than the operating system returns at once, so that an entry lies at the end of its buffer.
        let expected = Set((0..<1_500).map { "\($0)-" + String(repeating: "n", count: $0 % 40) })
        defer {
            for name in expected { try? Directory.remove("\(path)/\(name)") }
            rmdir(path)
        }
        for name in expected { _ = try OutputFile("\(path)/\(name)", .truncate) }
        #expect(try Set(Directory.names(in: path)) == expected)
        #expect(try Directory.count(in: path) == expected.count)
    }

    @Test func `a directory that is not there is an error`() {
        let error = #expect(throws: FileError.self) { try Directory.count(in: "/nowhere/at/all") }
        #expect(error?.description == "cannot list /nowhere/at/all: No such file or directory")
    }
}
