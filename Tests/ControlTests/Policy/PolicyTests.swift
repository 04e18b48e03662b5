import Settings
import Testing
import Transport

@testable import Control

@Suite struct PolicyTests {
    private func check(_ policy: String = "") throws -> PolicyCheck {
        let own = [ListenAddress.tcp(host: "localhost", port: 4319), .unix(path: "/run/apus/admin.sock")]
        return PolicyCheck(
            policy: policy.isEmpty ? Policy() : try Policy(yaml: policy, file: "policy.yaml"),
            ownAddresses: own)
    }

    private func references(_ wanted: String, active: String = "{}", policy: String = "") throws -> [String] {
        try check(policy).references(in: try tree(wanted), active: try tree(active)).map { $0.keyPath }
    }

    private func values(_ wanted: String, active: String = "{}", policy: String = "") throws -> [String] {
        let wanted = try tree(wanted)
        return try check(policy).values(in: wanted, active: try tree(active), written: wanted)
            .map { $0.keyPath }
    }

    @Test(arguments: [
        "x: ${env:NEW}", "x: ${NEW}", "x: a-${env:NEW:-1}-b", "x: ${file:/etc/passwd}",
        "x: ${http://localhost/x}", "x: '${yaml:a}'", "x: ${env:${env:USED}}", "x: ${${env:USED}:y}",
        "x: ${env:USED:-${env:NEW}}", "x: '${yaml:$${env:NEW}}'",
    ])
    func `without a policy nothing new can be read`(_ text: String) throws {
        #expect(try !references(text, active: "y: '${env:USED}'").isEmpty)
    }

    @Test(arguments: [
        "x: ${env:USED}", "x: ${USED}", "x: p-${env:USED:-default}", "x: $${env:NEW}", "x: $NEW",
    ])
    func `what is used already can be used elsewhere`(_ text: String) throws {
        #expect(try references(text, active: "y: '${env:USED}'").isEmpty)
    }

    @Test func `a policy names variables, files and providers`() throws {
        let policy = """
            environment: {allow: [REGION, "APUS_*"]}
            providers: {allow: [env, file]}
            paths: {allow: [/etc/apus], deny: [/etc/apus/private]}
            """
        #expect(
            try references("{a: '${env:REGION}', b: '${APUS_X}', c: '${file:/etc/apus/a}'}", policy: policy)
                .isEmpty)
        #expect(
            try references(
                "{a: '${env:HOME}', b: '${file:/etc/apus/../passwd}', c: '${file:/etc/apus/private/k}'}",
                policy: policy) == ["a", "b", "c"])
    }

    @Test(arguments: [
        "169.254.169.254:80", "http://169.254.169.254/latest", "http://[fe80::1]:4317", "http://2852039166/",
        "http://0xa9.254.169.254", "http://0251.0376.169.254", "http://[::ffff:169.254.169.254]:80",
        "metadata.google.internal:80",
        "localhost:4319", "127.0.0.1:4319", "http://[::1]:4319", "http://LOCALHOST.:4319",
        "unix:///run/apus/admin.sock", "unix:///run/apus/../apus/admin.sock",
    ])
    func `link-local addresses and the admin API are never allowed`(_ endpoint: String) throws {
        let text = "exporters: {otlp: {endpoint: '\(endpoint)'}}"
        #expect(try values(text) == ["exporters::otlp::endpoint"])
        #expect(try values(text, policy: "endpoints: {allow: ['*']}") == ["exporters::otlp::endpoint"])
    }

    @Test func `endpoints are compared with names, ranges and ports`() throws {
        let policy = """
            endpoints:
              allow: ["*.example.com:4317", "10.0.0.0/8", "backend", "[2001:db8::]/32", "unix:///run/x.sock"]
              deny: ["10.1.0.0/16"]
            """
        let allow = [
            "a.example.com:4317", "https://10.2.3.4:9999/path", "backend:1", "backend", "unix:///run/x.sock",
        ]
        for endpoint in allow {
            #expect(
                try values(
                    "exporters: {o: {endpoint: '\(endpoint)'}}",
                    policy: policy.replacing(", \"[2001:db8::]/32\"", with: "")
                ).isEmpty, "\(endpoint)")
        }
        for endpoint in ["a.example.com:4318", "example.com:4317", "10.1.2.3:1", "backend.evil:1", "8.8.8.8"]
        {
            #expect(
                try !values(
                    "exporters: {o: {endpoint: '\(endpoint)'}}",
                    policy: policy.replacing(", \"[2001:db8::]/32\"", with: "")
                ).isEmpty, "\(endpoint)")
        }
    }

    @Test func `what a receiver listens on is no place to send to`() throws {
        #expect(
            try values("receivers: {otlp: {endpoint: '0.0.0.0:4317'}}", policy: "endpoints: {allow: []}")
                .isEmpty)
        #expect(
            try values("receivers: {scraper: {url: 'http://x/'}}", policy: "endpoints: {allow: []}")
                == ["receivers::scraper::url"])
    }

    @Test func `types of components are allowed and denied`() throws {
        let policy = "components: {exporters: {allow: [otlp, file], deny: [file]}}"
        let wanted = "exporters: {otlp/a: {}, file: {}, debug: {}}"
        #expect(try values(wanted, policy: policy) == ["exporters::file", "exporters::debug"])
        #expect(try values(wanted, active: "exporters: {file: {}}", policy: policy) == ["exporters::debug"])
    }

    @Test func `paths and certificates are judged, and what is active is not`() throws {
        let wanted = """
            exporters: {file: {path: /var/log/a.json}, otlp: {tls: {ca_file: /x, insecure_skip_verify: true}}}
            """
        #expect(
            try values(wanted) == [
                "exporters::file::path", "exporters::otlp::tls::ca_file",
                "exporters::otlp::tls::insecure_skip_verify",
            ])
        #expect(try values(wanted, active: wanted).isEmpty)
        let policy = "{paths: {allow: [/var/log, /x]}, tls: {allow_insecure_skip_verify: true}}"
        #expect(try values(wanted, policy: policy).isEmpty)
    }

    @Test(arguments: [
        ("/a/./b//c", "/a/b/c"), ("/a/../../etc", "/etc"), ("a/../../b", "../b"), ("/", "/"), ("./a", "a"),
    ])
    func `paths are compared without detours`(path: String, normal: String) {
        #expect(PathRule.normalised(path) == normal)
    }

    @Test(arguments: [
        "endpoints: {allow: ['http://x']}", "paths: {allow: [relative]}", "unknown: 1",
        "endpoints: {deny: ['a:99999']}",
    ])
    func `a policy that is wrong is refused`(_ text: String) {
        #expect(throws: InvalidSettings.self) { try Policy(yaml: text, file: "policy.yaml") }
    }
}
