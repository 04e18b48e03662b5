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
        let lines = try String(contentsOfFile: certificates.path("some authority.crt"), encoding: .utf8)
            .split(separator: "\n").filter { !$0.hasPrefix("-") }
        let encoded = try #require(Data(base64Encoded: lines.joined()))
        let identity = CertificateIdentity(ofCertificate: Array(encoded))
        #expect(identity.commonName == "some authority")
        // openssl makes serial numbers of twenty random bytes, the first one not zero.
        #expect(identity.serial?.count == 40)
        #expect(encoded.map { String(format: "%02x", $0) }.joined().contains(identity.serial ?? "none"))
    }

    @Test(arguments: [[], [0x30], [0x30, 0x03, 0x30, 0x01, 0x02], [UInt8](repeating: 0x30, count: 60)])
    func `what is no certificate has neither`(encoded: [UInt8]) {
        #expect(CertificateIdentity(ofCertificate: encoded).commonName == nil)
    }
}
