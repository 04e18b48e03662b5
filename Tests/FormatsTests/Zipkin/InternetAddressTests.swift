import Testing

@testable import Formats

@Suite struct InternetAddressTests {
    @Test(arguments: [
        ("10.0.0.255", "10.0.0.255"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
        ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0db8::0001", "2001:db8::1"),
        ("7::0.128.128.127", "7::80:807f"), ("::ffff:1.2.3.4", "1.2.3.4"),
        ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
        ("0:0:1:0:0:0:1:1", "0:0:1::1:1"), ("fe80::1:2:3:4:5:6", "fe80:0:1:2:3:4:5:6"),
    ])
    func `addresses are written in their shortest form`(text: String, shortest: String) throws {
        #expect(try #require(InternetAddress(text)).description == shortest)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.x", "1.2.3.+4", ":", ":::", "1::2::3",
        "1:2",
        "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "12345::", "g::", "::1.2.3", "::1.2.3.4:5", "-1::", "+1::",
        " ::1",
        "fe80::1%eth0", "localhost", "::1:", "1:2:3:4:5:6:7:1.2.3.4",
    ])
    func `other texts are no addresses`(text: String) {
        #expect(InternetAddress(text) == nil)
    }
}
