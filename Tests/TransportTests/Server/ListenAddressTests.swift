import Testing

@testable import Transport

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("localhost:4317", ListenAddress.tcp(host: "localhost", port: 4317)),
        ("0.0.0.0:0", .tcp(host: "0.0.0.0", port: 0)),
        (":4317", .tcp(host: "", port: 4317)),
        ("[::1]:4317", .tcp(host: "::1", port: 4317)),
        ("unix:///run/a.sock", .unix(path: "/run/a.sock")),
        ("unix:a.sock", .unix(path: "a.sock")),
    ])
    func `addresses are read as configurations write them`(text: String, expected: ListenAddress) throws {
        #expect(try ListenAddress(parsing: text) == expected)
    }

    @Test(arguments: [
        "localhost", "localhost:", "localhost:70000", "localhost:+1", "localhost:-1", "::1:4317", "unix://",
        "http://a:1", "a b:1", "[::1:4317",
    ])
    func `what cannot be listened on is refused with the form that is expected`(text: String) {
        let error = #expect(throws: TransportError.self) { try ListenAddress(parsing: text) }
        #expect(error?.kind == .invalidAddress)
        #expect(error?.message.contains("host:port") == true)
    }

    @Test func `a path too long for a socket is refused`() {
        #expect(throws: TransportError.self) {
            try ListenAddress(parsing: "unix:///" + String(repeating: "a", count: 107))
        }
    }

    @Test(arguments: ["localhost:1", "[::1]:4317", ":0", "unix:///run/a.sock"])
    func `the description can be read again`(text: String) throws {
        #expect(try ListenAddress(parsing: text).description == text)
    }
}
