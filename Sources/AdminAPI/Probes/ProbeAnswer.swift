internal import Transport

/// The outcome of a probe as Kubernetes' own components write it.
struct ProbeAnswer {
    /// `livez`, `readyz` or `startupz`.
    let probe: String
    let checks: [ProbeCheck]
    let excluded: Set<String>

    private var isHealthy: Bool { checks.allSatisfy { $0.failure == nil || excluded.contains($0.name) } }

    /// 200 or 503; a failure always comes with all lines, success only when they are asked for.
    func response(isVerbose: Bool) -> ServerResponse {
        let isHealthy = isHealthy
        var response = ServerResponse.text(
            isHealthy ? 200 : 503, isHealthy && !isVerbose ? "ok" : lines(isHealthy: isHealthy))
        response.fields.add("cache-control", "no-store")
        response.fields.add("x-content-type-options", "nosniff")
        return response
    }

    private func lines(isHealthy: Bool) -> String {
        var text = ""
        for check in checks {
            if excluded.contains(check.name) {
                text += "[+]\(check.name) excluded: ok\n"
            } else if let failure = check.failure {
                text += "[-]\(check.name) failed: \(failure)\n"
            } else {
                text += "[+]\(check.name) ok\n"
            }
        }
        let unknown = excluded.subtracting(checks.map { $0.name }).sorted()
        if !unknown.isEmpty {
            let names = unknown.map { "\"\($0)\"" }.joined(separator: ",")
            text += "warn: some health checks cannot be excluded: no matches for \(names)\n"
        }
        return text + "\(probe) check \(isHealthy ? "passed" : "failed")\n"
    }
}
