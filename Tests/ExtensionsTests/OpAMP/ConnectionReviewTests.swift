import OpAMP
import Pipeline
import Testing

@testable import Extensions

@Suite struct ConnectionReviewTests {
    private func review(
        _ url: String = "wss://fleet:4320/v1/opamp", accepted: AcceptedConnection? = nil,
        pendingKey: String? = nil, _ change: (inout OpAMPConnectionSettings) -> Void
    ) throws -> ConnectionReview.Verdict {
        var offer = OpAMPConnectionSettings()
        offer.heartbeatInterval = 30
        change(&offer)
        var review = ConnectionReview(
            url: try ServerURL(url), accepted: accepted, origin: "o", pendingKey: pendingKey)
        review.fits = { certificate, key in certificate == "cert of \(key)" }
        return review.review(offer, hash: [1])
    }

    private func refused(
        _ url: String = "wss://fleet:4320/v1/opamp", _ change: (inout OpAMPConnectionSettings) -> Void
    ) throws -> String? {
        guard case .refuse(let reason) = try review(url, change) else { return nil }
        return reason
    }

    @Test func `nothing new is no reason to connect anew`() throws {
        #expect(try review { $0.heartbeatInterval = 5 } == .keep)
        #expect(try review { $0.endpoint = "wss://fleet:4320/v1/opamp" } == .keep)
        #expect(try review { $0.proxy = ProxyConnectionSettings() } == .keep)
    }

    @Test(arguments: ["ws://fleet:4320", "http://fleet", "ftp://x", "x", "wss://a b"])
    func `an endpoint that is not encrypted or not one at all is refused`(_ endpoint: String) throws {
        #expect(try refused { $0.endpoint = endpoint }?.hasPrefix("destination_endpoint: ") == true)
    }

    @Test func `without encryption so far another server without it can be offered`() throws {
        guard
            case .verify(let next) = try review(
                "ws://127.0.0.1:1/v1/opamp", { $0.endpoint = "ws://[::1]:2/x" })
        else { return #expect(Bool(false)) }
        #expect(next.endpoint == "ws://[::1]:2/x" && next.heartbeat == 30 && next.headers == nil)
    }

    @Test(arguments: [("host", "x"), ("a b", "x"), ("content-length", "1"), ("x", "a\r\nb: c")])
    func `headers that belong to the protocol or break it are refused`(_ name: String, _ value: String) throws
    {
        #expect(try refused { $0.headers = [ConnectionHeader(name, value)] }?.contains("headers: ") == true)
    }

    @Test(arguments: ["1.0", "1.1", "TLSv1.1", "0.9", "x"])
    func `old versions of TLS are refused`(_ version: String) throws {
        let reason = try refused { offer in
            offer.tls = TLSConnectionSettings()
            offer.tls?.minimumVersion = version
        }
        #expect(reason?.hasPrefix("tls.min_version: ") == true)
    }

    @Test func `authorities and newer versions are tried`() throws {
        let verdict = try review { offer in
            offer.tls = TLSConnectionSettings()
            offer.tls?.authorities = "pem"
            offer.tls?.minimumVersion = "TLSv1.3"
        }
        guard case .verify(let next) = verdict else { return #expect(Bool(false)) }
        #expect(next.tls?.authorities == "pem" && next.tls?.minimumVersion == "1.3")
        #expect(AcceptedConnection(text: next.text) == next)
    }

    @Test func `a certificate counts when it is for the key that was made here`() throws {
        func offer(_ certificate: String, key: String = "") -> (inout OpAMPConnectionSettings) -> Void {
            {
                $0.certificate = TLSCertificate(
                    certificate: Array(certificate.utf8), privateKey: Array(key.utf8))
            }
        }
        guard case .verify(let next) = try review(pendingKey: "k", offer("cert of k")) else {
            return #expect(Bool(false))
        }
        #expect(next.certificate == "cert of k" && next.key == "k")
        guard case .refuse = try review(pendingKey: "k", offer("cert of other")) else {
            return #expect(Bool(false))
        }
        guard case .refuse(let reason) = try review(pendingKey: "k", offer("cert of k", key: "x")) else {
            return #expect(Bool(false))
        }
        #expect(reason.contains("private_key"))
        // It stays when an offer about something else does not repeat it.
        #expect(try review(accepted: next) { _ in } == .keep)
        #expect(try review(accepted: next, offer("cert of k")) == .keep)
    }
}

@Suite struct ServerURLTests {
    @Test(arguments: [
        ("ws://a", "ws://a:80/v1/opamp"), ("wss://a/", "wss://a:443/v1/opamp"),
        ("http://a:1/x?y=z", "http://a:1/x?y=z"), ("HTTPS://a", "https://a:443/v1/opamp"),
    ])
    func `missing parts are those of the scheme and of OpAMP`(_ text: String, _ whole: String) throws {
        #expect(try ServerURL(text).description == whole)
    }
}

@Suite struct AgentPartsTests {
    @Test func `of several who watch the most frequent counts, until the last one has seen enough`() {
        var schedule = FlowSchedule()
        func at(_ seconds: Int) -> Instant { Instant(offset: .seconds(seconds)) }
        let isDueAtFirst = schedule.isDue(now: at(0))
        #expect(!isDueAtFirst)
        schedule.watch(FlowWatch(interval: .seconds(5), length: .seconds(10)), now: at(0))
        schedule.watch(FlowWatch(interval: .seconds(10), length: .seconds(20)), now: at(0))
        let due = (0...40).filter { schedule.isDue(now: at($0)) }
        #expect(due == [0, 5, 10, 15, 20])
    }

    @Test(arguments: [
        "", "{}", #"{"interval_s":"x","for_s":1}"#, #"{"interval_s":1}"#, #"{"interval_s":1,"for_s":-1}"#,
        #"{"interval_s":1e99,"for_s":1}"#,
    ])
    func `a wish to watch that is not understood is none`(_ json: String) {
        #expect(FlowWatch(CustomMessage(FlowReport.capability, "watch", json: json)) == nil)
    }

    @Test(arguments: [
        ("offer", "{}"), ("offer", #"{"hash":"zz"}"#), ("confirm", "[]"), ("validate", #"{"id":"1"}"#),
        ("other", "{}"), ("offer", "\u{0}"),
    ])
    func `a message about configurations that is not understood is none`(_ type: String, _ json: String) {
        let message = CustomMessage(ConfigurationMessages.capability, type, json: json)
        #expect(ConfigurationMessages.read(message) == nil)
    }

    @Test func `another status of any part is another state, other words are not`() {
        func health(_ status: String, _ error: String) -> OpAMP.ComponentHealth {
            OpAMP.ComponentHealth(
                healthy: true,
                components: ["a": OpAMP.ComponentHealth(healthy: false, status: status, lastError: error)])
        }
        #expect(!AgentReporter.isOtherState(health("x", "1"), health("x", "2")))
        #expect(AgentReporter.isOtherState(health("x", "1"), health("y", "1")))
        #expect(AgentReporter.isOtherState(health("x", ""), OpAMP.ComponentHealth(healthy: true)))
    }
}
