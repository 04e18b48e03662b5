import Settings
import Testing

/// Secrets are not seen wherever they are printed.
@Suite struct SecretTests {
    private struct Holder { let secret: Secret }

    @Test func `a secret is never printed`() throws {
        let secret: Secret = "hunter2"
        var dumped = ""
        dump(secret, to: &dumped)
        dump(Holder(secret: secret), to: &dumped)
        dump([secret], to: &dumped)
        var sample = Sample()
        sample.headers = ["authorization": "hunter2"]
        sample.grpc.section.key = "hunter2"
        dump(sample, to: &dumped)
        let printed = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\(Holder(secret: secret))",
            "\([secret])", "\(["a": secret])", "\(Optional(secret) as Any)",
            "\(Mirror(reflecting: secret).children)",
            dumped, try #require(sample.tree(.hidden)).yaml(), "\(sample)",
        ]
        for text in printed { #expect(!text.contains("hunter2")) }
        #expect(try #require(sample.tree(.revealed)).yaml().contains("hunter2"))
        #expect(secret.reveal() == "hunter2")
    }

    @Test func `equal secrets have equal fingerprints, others nearly always different ones`() {
        #expect(Secret("a").fingerprint == Secret("a").fingerprint)
        #expect(Set((0..<100).map { Secret("secret \($0)").fingerprint }).count > 90)
        #expect("\(Secret("a"))".hasPrefix("***(") && Secret("a").fingerprint.utf8.count == 4)
        #expect("\(Secret(""))".isEmpty)
    }
}
