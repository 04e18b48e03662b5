import Pipeline
import Testing

@testable import Extensions

@Suite struct PasswordListTests {
    private let hasher = CredentialHasher()

    private func list(_ texts: String...) throws -> PasswordList {
        var list = PasswordList()
        for text in texts { try list.add(text, from: "the text", key: "htpasswd.inline", hasher) }
        return list
    }

    @Test func `users, comments and empty lines are told apart`() throws {
        let list = try list("# people\n\n  alice:wonder:land \r\n\t\nbob:$2y$04$abc\ncarol:$6$salt$hash\n")
        #expect(list.entries.keys.sorted() == ["alice", "bob", "carol"])
        guard case .plain(let digest) = list.entries["alice"] else { throw Unexpected() }
        #expect(digest.matches(hasher.digest("wonder:land")))
        guard case .hashed("$2y$04$abc") = list.entries["bob"] else { throw Unexpected() }
    }

    @Test func `what comes later counts`() throws {
        let list = try list("a:one\na:two", "a:three")
        guard case .plain(let digest) = list.entries["a"] else { throw Unexpected() }
        #expect(digest.matches(hasher.digest("three")))
    }

    @Test(arguments: ["no colon", ":nobody", "u:$apr1$salt$quux", "u:{SHA}quux", "u:{SSHA}quux"])
    func `a line that cannot be used is an error that does not show it`(line: String) {
        let error = #expect(throws: ComponentError.self) { _ = try list("a:b\n\(line)") }
        #expect(error?.description.contains("line 2 of the text") == true)
        #expect(error?.description.contains(line.suffix(4)) == false)
        #expect(error?.key == "htpasswd.inline")
    }

    private struct Unexpected: Error {}
}
