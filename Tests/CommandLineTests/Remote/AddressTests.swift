import Testing
import Transport

@testable import CommandLine

@Suite struct AdminAddressTests {
    @Test(arguments: [
        ("localhost", "localhost:4321", false), ("localhost:1", "localhost:1", false),
        ("http://h.example/", "h.example:4321", false),
        ("HTTPS://h.example:443", "https://h.example:443", true),
        ("[::1]", "[::1]:4321", false), ("[::1]:99", "[::1]:99", false),
        ("/run/a.sock", "unix:///run/a.sock", false),
        ("unix:///run/a.sock", "unix:///run/a.sock", false),
    ])
    func `an address has the port of the manager unless it says another`(
        text: String, shown: String, isSecure: Bool
    ) throws {
        let address = try AdminAddress(parsing: text, of: .fleet)
        #expect("\(address)" == shown)
        #expect(address.isSecure == isSecure)
    }

    @Test(arguments: ["", ":4321", "h:0", "h:port", "https://", "h:99999"])
    func `what is no address is an error that shows how one looks`(text: String) {
        let error = #expect(throws: TransportError.self) { try AdminAddress(parsing: text, of: .fleet) }
        #expect(error.map { "\($0)".contains("'\(text)'") } == true)
    }
}

@Suite struct AdminPathTests {
    @Test func `a segment stays one whatever is in it`() {
        #expect(
            AdminPath("/v1/agents", ["a/../b?c#d é", "x"]).text
                == "/v1/agents/a%2F..%2Fb%3Fc%23d%20%C3%A9/x")
        #expect(AdminPath("/v1/agents", ["A-z_0.9~"]).text == "/v1/agents/A-z_0.9~")
    }

    @Test func `a query is sorted, and what is not there is left out`() {
        let path = AdminPath("/v1/agents", [], ["selector": "a=b, c in (d)", "after": nil, "limit": "3"])
        #expect(path.text == "/v1/agents?limit=3&selector=a%3Db%2C%20c%20in%20%28d%29")
    }
}
