import FleetModel
import Glibc
import Testing

@testable import Fleet

@Suite struct PackageFilesTests {
    private static let content = Array("a package, in two pieces".utf8)
    private static let hash = ContentHash(of: content)

    @Test func `a file comes in pieces and is there with the last`() async throws {
        try await TemporaryDirectory.withinAsync { directory in
            let files = PackageFiles(directory, manager: "a")
            let size = Self.content.count
            #expect(try await files.take(Array(Self.content[..<9]), at: 0, of: size, Self.hash) == 9)
            #expect(await files.file(Self.hash) == nil)
            #expect(await files.list().isEmpty)
            #expect(try await files.take(Array(Self.content[9...]), at: 9, of: size, Self.hash) == size)
            let file = try #require(await files.file(Self.hash))
            #expect(file.size == size)
            #expect(await files.list() == [file])
            let reader = try #require(await files.open(Self.hash))
            #expect(reader.read(at: 2, 7) == Array("package".utf8))
            #expect(reader.read(at: size, 7) == [])
            #expect(reader.hash() == Self.hash)
            // It is there already: nothing is written.
            #expect(try await files.take([1], at: 0, of: 1, Self.hash) == size)
            #expect(await files.delete(Self.hash))
            #expect(await !files.delete(Self.hash))
        }
    }

    @Test func `a file that is not what it should be is thrown away`() async throws {
        try await TemporaryDirectory.withinAsync { directory in
            let files = PackageFiles(directory, manager: "a")
            await #expect(throws: AccessError.self) {
                try await files.take([1, 2, 3], at: 0, of: 3, Self.hash)
            }
            #expect(await files.file(Self.hash) == nil)
            await #expect(throws: AccessError.self) { try await files.take([3], at: 2, of: 3, Self.hash) }
        }
    }

    @Test func `pieces follow each other within the bounds`() async throws {
        try await TemporaryDirectory.withinAsync { directory in
            let files = PackageFiles(directory, manager: "a")
            let size = Self.content.count
            for (bytes, offset, size) in [
                ([UInt8(1)], 1, size), ([1], -1, size), ([1, 2], 0, 1), ([], 0, 0), ([1], 0, (256 << 20) + 1),
                ([1], Int.max, size),
            ] {
                await #expect(throws: AccessError.self) {
                    try await files.take(bytes, at: offset, of: size, Self.hash)
                }
            }
            _ = try await files.take(Array(Self.content[..<9]), at: 0, of: size, Self.hash)
            await #expect(throws: AccessError.self) { try await files.take([1], at: 8, of: size, Self.hash) }
            // Whoever lost the thread begins anew.
            _ = try await files.take(Array(Self.content[..<4]), at: 0, of: size, Self.hash)
            _ = try await files.take(Array(Self.content[4...]), at: 4, of: size, Self.hash)
            #expect(await files.file(Self.hash)?.size == size)
        }
    }

    @Test func `only its owner can read a file`() async throws {
        try await TemporaryDirectory.withinAsync { directory in
            let files = PackageFiles(directory, manager: "a")
            _ = try await files.take(Self.content, at: 0, of: Self.content.count, Self.hash)
            #expect(try mode("\(directory)/\(Self.hash)") == 0o600)
        }
    }

    /// Expects that something is refused because there is as much as there may be.
    private static func expectFull(
        _ body: () async throws -> Int, _ place: SourceLocation = #_sourceLocation
    ) async {
        let error = await #expect(throws: AccessError.self, sourceLocation: place) { try await body() }
        let isFull = if case .full = error { true } else { false }
        #expect(isFull, "\(String(describing: error))", sourceLocation: place)
    }

    @Test func `uploads that are under way count, for how many there may be and for their bytes`()
        async throws
    {
        try await TemporaryDirectory.withinAsync { directory async throws in
            var limits = PackageFiles.Limits()
            (limits.files, limits.room, limits.uploads) = (2, 10, 2)
            let files = PackageFiles(directory, manager: "a", limits: limits)
            let contents: [[UInt8]] = [[UInt8](repeating: 1, count: 8), [UInt8](repeating: 2, count: 9), [3]]
            let hashes = contents.map { ContentHash(of: $0) }
            #expect(try await files.take([1], at: 0, of: 8, hashes[0]) == 1)
            // Larger than what the first one has left.
            await Self.expectFull { try await files.take([2], at: 0, of: 10, hashes[1]) }
            #expect(try await files.take([2, 2, 2], at: 0, of: 9, hashes[1]) == 3)
            await Self.expectFull { try await files.take([3], at: 0, of: 1, hashes[2]) }
            // Its room has been taken meanwhile, whatever it said at the beginning.
            await Self.expectFull {
                try await files.take([UInt8](repeating: 1, count: 7), at: 1, of: 8, hashes[0])
            }
            #expect(await files.list().isEmpty)
        }
    }

    @Test func `no file comes beyond the most that there may be, however many have begun`() async throws {
        try await TemporaryDirectory.withinAsync { directory async throws in
            var limits = PackageFiles.Limits()
            limits.files = 1
            let files = PackageFiles(directory, manager: "a", limits: limits)
            let others = PackageFiles(directory, manager: "b", limits: limits)
            let size = Self.content.count
            _ = try await files.take(Array(Self.content[..<9]), at: 0, of: size, Self.hash)
            _ = try await others.take([7], at: 0, of: 1, ContentHash(of: [7]))
            await Self.expectFull {
                try await files.take(Array(Self.content[9...]), at: 9, of: size, Self.hash)
            }
            #expect(await files.list().map(\.hash) == [ContentHash(of: [7])])
        }
    }

    @Test func `managers that share the directory go on with their own uploads`() async throws {
        try await TemporaryDirectory.withinAsync { directory async throws in
            let one = PackageFiles(directory, manager: "a")
            let other = PackageFiles(directory, manager: "b")
            let size = Self.content.count
            #expect(try await one.take(Array(Self.content[..<9]), at: 0, of: size, Self.hash) == 9)
            #expect(try await other.take(Array(Self.content[..<4]), at: 0, of: size, Self.hash) == 4)
            await #expect(throws: AccessError.self) {
                try await other.take(Array(Self.content[9...]), at: 9, of: size, Self.hash)
            }
            // The same manager goes on where it was, also when it has begun anew.
            let again = PackageFiles(directory, manager: "a")
            #expect(try await again.take(Array(Self.content[9...]), at: 9, of: size, Self.hash) == size)
            #expect(try await other.take(Array(Self.content[4...]), at: 4, of: size, Self.hash) == size)
            #expect(await other.open(Self.hash)?.hash() == Self.hash)
        }
    }

    @Test func `a file that has become shorter is not read as if it ended there`() async throws {
        try await TemporaryDirectory.withinAsync { directory async throws in
            let files = PackageFiles(directory, manager: "a")
            _ = try await files.take(Self.content, at: 0, of: Self.content.count, Self.hash)
            let reader = try #require(await files.open(Self.hash))
            #expect(truncate("\(directory)/\(Self.hash)", 5) == 0)
            #expect(reader.read(at: 0, 5) == Array(Self.content[..<5]))
            #expect(reader.read(at: 0, 9) == nil)
            #expect(await files.read(reader, at: 5, 3) == nil)
            #expect(reader.hash() == nil)
        }
    }

    @Test func `how much there is is known without looking`() async throws {
        try await TemporaryDirectory.withinAsync { directory async throws in
            let files = PackageFiles(directory, manager: "a")
            #expect(files.totalSize == 0)
            _ = try await files.take(Self.content, at: 0, of: Self.content.count, Self.hash)
            #expect(files.totalSize == Self.content.count)
            #expect(PackageFiles(directory, manager: "a").totalSize == Self.content.count)
            unlink("\(directory)/\(Self.hash)")
            #expect(files.totalSize == Self.content.count)
            _ = await files.list()
            #expect(files.totalSize == 0)
        }
    }

    @Test func `work with files is done on one thread that is nobody else's`() async {
        let thread = FileThread()
        let (first, second) = (await thread.run { pthread_self() }, await thread.run { pthread_self() })
        let other = await FileThread().run { pthread_self() }
        #expect(first == second)
        #expect(first != other)
        #expect(first != pthread_self())
    }
}

/// Who may do what with a file.
func mode(_ path: String) throws -> UInt32 {
    var status = stat()
    try #require(stat(path, &status) == 0)
    return status.st_mode & 0o777
}
