import Pipeline
import PipelineTesting
import Receivers
import Settings
import Testing

@Suite struct PrometheusConfigurationTests {
    private static func decode(_ config: String) throws -> PrometheusReceiver.Configuration {
        try PrometheusReceiver.Configuration.decode(yaml: "config: \(config)")
    }

    private static func job(_ keys: String) -> String {
        "{scrape_configs: [{job_name: j, \(keys)}]}"
    }

    @Test func `it is a component like any other`() async throws {
        let yaml = """
            config:
              global: {scrape_interval: 1m30s, external_labels: {cluster: c}, body_size_limit: 10MB}
              scrape_configs:
                - job_name: everything
                  scrape_timeout: 5s
                  params: {module: [a, b]}
                  scheme: https
                  basic_auth: {username: u, password: p}
                  tls_config: {insecure_skip_verify: true, min_version: TLS13}
                  http_headers: {x-a: {values: [b], secrets: [c]}}
                  static_configs: [{targets: ['a:1'], labels: {x: y}}]
                  file_sd_configs: [{files: [/no/such/*.json], refresh_interval: 1d}]
                  relabel_configs: [{source_labels: [a], regex: 'x(.*)', target_label: b, action: replace}]
                  metric_relabel_configs: [{regex: go_.*, source_labels: [__name__], action: drop}]
                  scrape_protocols: [PrometheusProto, PrometheusText0.0.4]
                  sample_limit: 5
            """
        try await Conformance.check(PrometheusReceiver.self, yaml: yaml)
    }

    @Test(arguments: [
        ("{}", "missing required key 'scrape_configs'"), ("{scrape_configs: []}", "must not be empty"),
        ("{scrape_configs: [{}]}", "missing required key 'job_name'"),
        ("{scrape_configs: [{job_name: a}, {job_name: a}]}", "is the name of another job"),
        (job("scrape_interval: 10"), "did you mean '10s'?"), (job("scrape_interval: 0s"), "more than 0"),
        (job("scrape_interval: 1.5s"), "must be a duration as Prometheus writes it"),
        (job("scrape_timeout: 2m"), "more than the interval of 1m"), (job("scheme: ftp"), "http, https"),
        (job("static_configs: [{targets: ['http://a']}]"), "write host:port alone"),
        (job("static_configs: [{targets: [a], labels: {a-b: c}}]"), "'a-b' is no name of a label"),
        (job("relabel_configs: [{regex: '('}]"), "is no regular expression"),
        (job("relabel_configs: [{action: hashmod, target_label: a}]"), "must be 1 or more"),
        (job("relabel_configs: [{action: replac}]"), "did you mean 'replace'?"),
        (job("relabel_configs: [{}]"), "target_label"),
        (job("file_sd_configs: [{files: [a.txt]}]"), ".json, .yml or .yaml"),
        (job("http_sd_configs: [{url: 'ftp://a'}]"), "unknown scheme"),
        (job("oauth2: {client_id: a}"), "is not supported"),
        (job("consul_sd_configs: []"), "is not supported"), (job("honor_label: true"), "honor_labels"),
        (job("basic_auth: {}, authorization: {}"), "use one of them"),
        (job("authorization: {type: Basic}"), "use basic_auth"),
        (job("tls_config: {cert_file: a}"), "needs key_file"), (job("sample_limit: -1"), "negative"),
        (job("scrape_protocols: [Text]"), "one of PrometheusProto"),
        ("{rule_files: [], scrape_configs: [{job_name: a}]}", "is not supported"),
    ])
    func `mistakes are found before anything starts`(config: String, message: String) {
        let error = #expect(throws: InvalidSettings.self) { _ = try Self.decode(config) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `a mistake is told at its place`() {
        let yaml = """
            config:
              scrape_configs:
                - job_name: a
                  relabel_configs:
                    - source_labels: [x]
                      regex: "a("
                      target_label: y
            """
        let error = #expect(throws: InvalidSettings.self) {
            _ = try PrometheusReceiver.Configuration.decode(yaml: yaml)
        }
        let diagnostic = error?.diagnostics.first
        #expect(diagnostic?.position?.line == 6)
        #expect(diagnostic?.keyPath == "config::scrape_configs::0::relabel_configs::0::regex")
    }

    @Test(arguments: [
        ("30s", 30_000, "30s"), ("1m30s", 90_000, "1m30s"), ("1d", 86_400_000, "1d"), ("0", 0, "0s"),
        ("90s", 90_000, "1m30s"), ("500ms", 500, "500ms"), ("1w", 604_800_000, "1w"),
        ("1h1ms", 3_600_001, "1h1ms"),
    ])
    func `durations are those of Prometheus`(text: String, milliseconds: Int64, shortest: String) {
        let duration = PrometheusDuration(text)
        #expect(duration?.duration == .milliseconds(milliseconds))
        #expect(duration?.text == shortest)
    }

    @Test(arguments: ["", "1", "s", "1s1m", "1x", "-1s", "99999999999y", "1 s", "1s1s"])
    func `what is no duration is refused`(text: String) { #expect(PrometheusDuration(text) == nil) }

    @Test func `secrets are hidden`() throws {
        let configuration = try Self.decode(
            Self.job("basic_auth: {username: u, password: hunter2}, bearer_token_file: '', params: {}"))
        let hidden = configuration.tree(.hidden).map { "\($0)" } ?? ""
        #expect(!hidden.contains("hunter2"))
    }

    @Test func `a certificate that cannot be read is named with its key`() throws {
        let configuration = try Self.decode(Self.job("tls_config: {ca_file: /no/such.crt}"))
        let error = #expect(throws: ComponentError.self) {
            _ = try PrometheusReceiver(configuration, in: Harness().context(.receiver, "prometheus"))
        }
        #expect(error?.key == "config.scrape_configs.0.tls_config")
        #expect(error?.description.contains("/no/such.crt") == true)
    }
}
