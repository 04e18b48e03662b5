import Foundation
import Testing

@testable import Transport

@Suite struct CertificateIdentityTests {
    @Test(.enabled(if: TestCertificates.canBeMade))
    func `name and serial number are read from a certificate`()
        throws
    {
        let certificates = try TestCertificates()
        try certificates.makeAuthority("some authority")
        let encoded = try Self.content(of: certificates.path("some authority.crt"))
        let identity = CertificateIdentity(ofCertificate: Array(encoded))
        #expect(identity.commonName == "some authority")
        // openssl makes serial numbers of twenty random bytes, the first one not zero.
        #expect(identity.serial?.count == 40)
        #expect(encoded.map { String(format: "%02x", $0) }.joined().contains(identity.serial ?? "none"))
    }

    @Test(.enabled(if: TestCertificates.canBeMade))
    func `alternative names are those of hosts, people and programs`() throws {
        let certificates = try TestCertificates()
        try certificates.makeAuthority("some authority")
        try certificates.make(
            "ada", by: "some authority",
            alternative:
                "critical,DNS:ada.example,email:ada@example.com,IP:127.0.0.1,URI:spiffe://example/ada")
        let identity = CertificateIdentity(
            ofCertificate: Array(try Self.content(of: certificates.path("ada.crt"))))
        #expect(identity.commonName == "ada")
        #expect(identity.alternativeNames == ["ada.example", "ada@example.com", "spiffe://example/ada"])
    }

    private static func content(of path: String) throws -> Data {
        let lines = try String(contentsOfFile: path, encoding: .utf8)
            .split(separator: "\n").filter { !$0.hasPrefix("-") }
        return try #require(Data(base64Encoded: lines.joined()))
    }

    @Test(arguments: [[], [0x30], [0x30, 0x03, 0x30, 0x01, 0x02], [UInt8](repeating: 0x30, count: 60)])
    func `what is no certificate has neither`(encoded: [UInt8]) {
        let identity = CertificateIdentity(ofCertificate: encoded)
        #expect(identity.commonName == nil)
        #expect(identity.alternativeNames.isEmpty)
    }
}
