import Pipeline
import Testing
import Transport

@Suite struct EndpointTests {
    @Test(
        arguments: [
            ("backend:4317", nil, "backend:4317", ""), ("backend", nil, "backend:4317", ""),
            ("[::1]:9", nil, "[::1]:9", ""), ("[::1]", nil, "[::1]:4317", ""),
            (":4317", nil, "localhost:4317", ""),
            ("http://backend", .http, "backend:80", ""), ("HTTPS://backend", .https, "backend:443", ""),
            ("https://backend:4318/", .https, "backend:4318", "/"),
            ("https://backend/a/b?c=d%20e", .https, "backend:443", "/a/b?c=d%20e"),
            ("http://backend?c", .http, "backend:80", "/?c"),
            ("http://[::1]:4318/x", .http, "[::1]:4318", "/x"),
            ("dns:///backend:1", .dns, "backend:1", ""), ("dns://8.8.8.8/backend", .dns, "backend:4317", ""),
            ("unix:///run/a.sock", .unix, "unix:///run/a.sock", ""),
            ("unix:a.sock", nil, "unix://a.sock", ""),
        ] as [(String, Endpoint.Scheme?, String, String)])
    func `addresses and urls are read`(
        text: String, scheme: Endpoint.Scheme?, target: String, path: String
    ) throws {
        let endpoint = try Endpoint(parsing: text, defaultPort: 4317)
        #expect(endpoint.scheme == scheme)
        #expect(endpoint.target.description == target)
        #expect(endpoint.path == path)
    }

    @Test(arguments: [
        ("", "no host"), ("http://", "no host"), ("ftp://x", "unknown scheme"), ("x:y", "not an address"),
        ("x:70000", "not an address"), ("::1", "brackets"), ("x:0", "port 0"), ("dns://x:1", "three slashes"),
        ("unix://run/a", "absolute path"), ("http://x/a b", "%XX"), ("http://x/#top", "%XX"),
        ("http://x/a\r\nX-Evil: 1", "%XX"),
    ])
    func `others are refused, with what to write`(text: String, message: String) {
        let error = #expect(throws: ComponentError.self) {
            _ = try Endpoint(parsing: text, defaultPort: 4317)
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `a password in a url is refused and not shown`() {
        let error = #expect(throws: ComponentError.self) {
            _ = try Endpoint(parsing: "https://me:hunter2@backend", defaultPort: 4317)
        }
        #expect(error?.description.contains("hunter2") == false)
    }
}
