import Settings
import Testing

@testable import Control

@Suite struct SecretIndexTests {
    private let index: SecretIndex
    private let raw: Tree
    private let shown = Secret("marker-secret").description

    init() throws {
        raw = try tree(
            """
            a: {auth: marker-secret, other: "${env:TOKEN}", url: "x-marker-secret-y", plain: text}
            list: [{auth: marker-secret}, {auth: second-secret}]
            unused: {api_key: abc}
            fallback: {auth: "${env:TOKEN:-marker-secret}"}
            """)
        let secrets = ["marker-secret", "from the environment", "second-secret"].map {
            Secret($0).description
        }
        let hidden = try tree(
            """
            a: {auth: "\(secrets[0])", other: "\(secrets[1])", url: "x-marker-secret-y", plain: text}
            list: [{auth: "\(secrets[0])"}, {auth: "\(secrets[2])"}]
            fallback: {auth: "\(secrets[1])"}
            """)
        let revealed = try tree(
            """
            a: {auth: marker-secret, other: from the environment, url: "x-marker-secret-y", plain: text}
            list: [{auth: marker-secret}, {auth: second-secret}]
            fallback: {auth: from the environment}
            """)
        index = SecretIndex(raw: raw, hidden: hidden, revealed: revealed)
    }

    @Test func `secrets are hidden wherever they stand, and references stay`() {
        let hidden = index.hiding(raw)
        #expect(!hidden.json().contains("marker-secret"))
        #expect(!hidden.json().contains("second-secret"))
        #expect(hidden[["a", "auth"]]?.text == shown)
        #expect(hidden[["a", "other"]]?.text == "${env:TOKEN}")
        #expect(hidden[["a", "plain"]]?.text == "text")
        #expect(hidden[["unused", "api_key"]]?.text == Secret("abc").description)
    }

    @Test func `what was shown and comes back is what it was`() {
        let (restored, diagnostics) = index.restoring(index.hiding(raw))
        #expect(diagnostics.isEmpty)
        #expect(restored == raw)
    }

    @Test func `elements of a list may change places`() throws {
        let second = Secret("second-secret").description
        let (restored, diagnostics) = index.restoring(
            try tree("list: [{auth: \"\(second)\"}, {auth: \"\(shown)\"}]"))
        #expect(diagnostics.isEmpty)
        #expect(restored[["list", "0", "auth"]]?.text == "second-secret")
        #expect(restored[["list", "1", "auth"]]?.text == "marker-secret")
    }

    @Test(arguments: ["b: {auth: X}", "a: {plain: X}", "a: {auth: '***(0000)'}"])
    func `a hidden secret does not stand for one at another place`(_ text: String) throws {
        let (_, diagnostics) = index.restoring(try tree(text.replacing("X", with: "\"\(shown)\"")))
        #expect(diagnostics.count == 1)
        #expect(diagnostics.first?.position?.source.name == "request")
    }
}
