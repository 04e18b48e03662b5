import Glibc
import Testing

@testable import AdminAPI

@Suite struct TokenStoreTests {
    private let directory = "/tmp/apus-tokens-\(getpid())-\(UInt32.random(in: 0 ... .max))/deep/er"

    @Test func `tokens are kept as hashes in a file for their owner alone`() throws {
        let store = TokenStore(directory: directory)
        #expect(try store.list().isEmpty)
        let (token, text) = try store.create(name: "a \"b\"", role: .operate, at: 5, life: nil)
        let path = directory + "/tokens"
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(try TokenStore(directory: directory).list() == [token])
        #expect(store.find(text, at: 6) == token)
        #expect(store.find(text + "0", at: 6) == nil)
        #expect(store.find(String(text.dropLast()), at: 6) == nil)
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = fread(&buffer, 1, buffer.count, file)
        let secret = try #require(text.split(separator: "_").last)
        #expect(!String(decoding: buffer[..<count], as: UTF8.self).contains(secret))
    }

    @Test func `another process that adds or revokes is noticed at once`() throws {
        let (mine, other) = (TokenStore(directory: directory), TokenStore(directory: directory))
        let first = try other.create(name: "first", role: .read, at: 1, life: nil).text
        #expect(mine.find(first, at: 2)?.name == "first")
        let second = try other.create(name: nil, role: .read, at: 2, life: .seconds(1)).text
        #expect(mine.find(second, at: 3) != nil)
        #expect(mine.find(second, at: 1_000_000_003) == nil)
        #expect(try other.revoke("first") == 1)
        #expect(mine.find(first, at: 3) == nil)
        #expect(try other.revoke("first") == 0)
    }

    @Test func `a directory that cannot be written says so`() {
        let error = #expect(throws: TokenStoreError.self) {
            try TokenStore(directory: "/proc/apus").create(name: nil, role: .read, at: 0, life: nil)
        }
        #expect(error.map { "\($0)" }?.contains("cannot keep the tokens in /proc/apus/tokens") == true)
    }
}
