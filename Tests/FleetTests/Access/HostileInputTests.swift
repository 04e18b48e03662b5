import Crypto
import Foundation
import OpAMP
import PipelineTesting
import SwiftASN1
import Testing
import X509

@testable import Fleet

/// Input that somebody made to do harm, or that was damaged on the way.
@Suite struct HostileInputTests {
    /// The same numbers in every run.
    private struct Numbers {
        var state: UInt64 = 42

        mutating func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
    }

    @Test func `a request for a certificate that is damaged anywhere gives no certificate for another key`()
        throws
    {
        try TemporaryDirectory.within { path in
            let authority = try CertificateAuthority.open(in: path, clock: ManualClock())
            let key = P256.Signing.PrivateKey()
            let uid = AccessFixture.uid()
            let request = try CertificateSigningRequest(
                version: .v1, subject: try DistinguishedName { CommonName(uid.description) },
                privateKey: Certificate.PrivateKey(key),
                attributes: CertificateSigningRequest.Attributes([]), signatureAlgorithm: .ecdsaWithSHA256)
            let document = try request.serializeAsPEM()
            var numbers = Numbers()
            var refused = 0
            for _ in 0..<500 {
                var bytes = document.derBytes
                switch numbers.next(3) {
                case 0: bytes[numbers.next(bytes.count)] ^= UInt8(1 << numbers.next(8))
                case 1: bytes.removeLast(numbers.next(bytes.count) + 1)
                default: bytes.insert(UInt8(numbers.next(256)), at: numbers.next(bytes.count))
                }
                let pem = PEMDocument(type: "CERTIFICATE REQUEST", derBytes: bytes).pemString
                do throws(AccessError) {
                    let issued = try authority.issue(pem, for: uid)
                    let certificate = try? Certificate(pemEncoded: issued.certificate)
                    #expect(certificate?.publicKey == Certificate.PublicKey(key.publicKey))
                } catch {
                    guard case .badRequest = error else {
                        Issue.record("\(error)")
                        continue
                    }
                    refused += 1
                }
            }
            #expect(refused > 450)
        }
    }

    @Test func `any text is taken apart and put together again as a template`() {
        var numbers = Numbers()
        let parts = [
            "${", "var:", "secret:", "}", "$", "$$", "a", "${var:a}", "${env:", ":-", "\u{FFFD}", "é",
        ]
        for _ in 0..<3000 {
            let text = (0..<numbers.next(12)).map { _ in parts[numbers.next(parts.count)] }.joined()
            let template = TemplateText(text)
            let written = template.pieces.map { piece in
                switch piece {
                case .literal(let literal): literal
                case .placeholder(let placeholder): placeholder.text
                }
            }.joined()
            #expect(written == text)
        }
    }

    @Test func `any bytes are read as a set of files or not, and never as more than they are`() {
        var numbers = Numbers()
        let files = [
            ConfigurationFile(name: "a", role: "r", body: [1, 2, 3]), ConfigurationFile(yaml: "a: 1"),
        ]
        let whole = CanonicalFiles.encode(files)
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0...numbers.next(3) { bytes[numbers.next(bytes.count)] = UInt8(numbers.next(256)) }
            guard let read = CanonicalFiles.decode(bytes) else { continue }
            #expect(read.reduce(0) { $0 + $1.body.count + $1.name.utf8.count } <= bytes.count)
        }
    }

    @Test(arguments: [
        "apusa_", "apusa__", "apusa_x_y", "apusa_\(String(repeating: "0", count: 32))_", "_", "___",
        String(repeating: "a", count: 10_000), "apusa_\u{0}_\u{0}", "apusf_é_é",
    ])
    func `a credential that is none is refused, whatever it looks like`(text: String) async throws {
        try await AccessFixture.with(anyAgent: true) { fixture in
            for field in ["Bearer \(text)", text, "bearer  \(text)"] {
                #expect(throws: AgentRefusal.self) {
                    try fixture.access.agent(authorization: field, address: "a\(field.count)")
                }
                #expect(throws: AccessControl.UserRefusal.self) {
                    try fixture.access.user(authorization: field)
                }
            }
        }
    }
}
