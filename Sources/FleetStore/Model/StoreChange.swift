public import OpAMP

/// Something that has changed in the store; who cares reads it again.
public enum StoreChange: Sendable, Hashable {
    /// A document was made, replaced or deleted.
    case document(DocumentKind, String)
    /// An agent was forgotten.
    case agentRemoved(InstanceUID)
    /// More than could be told one by one: read everything again.
    case everything
}

extension StoreChange {
    /// How other replicas read it; `nil` for what is never written.
    var note: (scope: String, id: String)? {
        switch self {
        case .document(let kind, let id): (kind.rawValue, id)
        case .agentRemoved(let uid): ("agentRemoved", uid.description)
        case .everything: nil
        }
    }

    init(scope: String, id: String) {
        if let kind = DocumentKind(rawValue: scope) {
            self = .document(kind, id)
        } else if scope == "agentRemoved", let uid = InstanceUID(id) {
            self = .agentRemoved(uid)
        } else {
            self = .everything
        }
    }
}
