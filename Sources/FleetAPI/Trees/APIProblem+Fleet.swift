internal import Fleet
internal import FleetStore
internal import HTTPAPI
internal import Settings
internal import Transport

/// What failures of the fleet's services are for a client.
extension APIProblem {
    init(_ error: LibraryError) {
        switch error {
        case .notFound: self = .notFound("\(error)")
        case .invalid(let findings):
            self = .invalid("the configuration has errors; nothing has changed", errors: findings.diagnostics)
        case .variables(let findings):
            self = .invalid("variables have no value, or a wrong one", errors: findings.diagnostics)
        case .conflict(let what): self = Self.changed(what)
        case .full(let reason): self = .invalid(reason)
        case .inUse(let reason): self.init(409, "in-use", "It is still needed", reason)
        case .secret(let reason): self.init(409, "secret", "A secret cannot be had", reason)
        case .store(let error): self.init(error)
        }
    }

    init(_ error: AccessError) {
        switch error {
        case .invalid(let reason), .full(let reason), .badRequest(let reason): self = .invalid(reason)
        case .notFound: self = .notFound("\(error)")
        case .conflict(let what): self = Self.changed(what)
        case .forbidden(let reason): self.init(403, "forbidden", "A rule does not allow it", reason)
        case .tooMany: self.init(429, "too-many", "There were too many", "\(error)")
        case .file(let reason): self.init(507, "not-kept", "A file cannot be read or written", reason)
        case .store(let error): self.init(error)
        }
    }

    init(_ error: StoreError) {
        if case .conflict = error {
            self = Self.changed("it")
        } else {
            self.init(
                507, "not-kept", "The store did not do it", "\(error); nothing is known to have changed")
        }
    }

    init(_ error: InventoryError) {
        switch error {
        case .unknownAgent: self = .notFound("\(error)")
        case .impossible(let reason): self.init(409, "not-possible", "It is not possible now", reason)
        case .invalidLabels(let reason): self = .invalid(reason)
        case .invalidPageToken: self = .badRequest("\(error)")
        case .conflict: self = Self.changed("it")
        }
    }

    init(_ failure: InventoryFailure) {
        switch failure {
        case .inventory(let error): self.init(error)
        case .store(let error): self.init(error)
        }
    }

    init(_ error: RolloutServiceError) {
        switch error {
        case .notFound(let reason): self = .notFound(reason)
        case .conflict(let reason): self.init(409, "conflict", "It is not possible now", reason)
        case .outdated(let version): self = .outdated("\(version)")
        case .forbidden(let reason): self.init(403, "forbidden", "A rule does not allow it", reason)
        case .invalid(let reasons):
            self = .invalid(
                "it cannot be rolled out like this: " + reasons.joined(separator: "; "),
                errors: reasons.map { Diagnostic(path: [], $0) })
        case .unavailable(let reason): self = .tooMany(reason)
        }
    }

    /// Somebody else was faster.
    static func changed(_ what: String) -> APIProblem {
        APIProblem(
            409, "conflict", "It has changed meanwhile", "\(what) has been changed; read it again and repeat")
    }
}

extension [ConfigurationFinding] {
    /// Their diagnostics, those that forbid something first.
    var diagnostics: [Diagnostic] {
        filter { $0.severity == .error }.map(\.diagnostic)
            + filter { $0.severity != .error }.map(\.diagnostic)
    }
}
