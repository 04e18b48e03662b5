/// Why dead letters cannot be read or removed from outside.
public enum DeadLetterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No letter has this id.
    case notFound(id: String)
    /// Several letters have an id that ends like this; `candidates` are their whole ids.
    case ambiguous(id: String, candidates: [String])
    /// A process uses the directory at `path`; its number is `owner`, empty when it is not known.
    case inUse(path: String, owner: String)
    /// The operating system refused.
    case io(FileError)
    /// The files cannot be taken into use.
    case spool(SpoolError)

    init(_ error: SpoolError) {
        switch error.kind {
        case .locked(let path, let owner): self = .inUse(path: path, owner: owner)
        case .io(let error), .noSpace(let error): self = .io(error)
        default: self = .spool(error)
        }
    }

    public var description: String {
        switch self {
        case .notFound(let id):
            "there is no dead letter '\(id)'; `apus dead-letter list` shows those there are"
        case .ambiguous(let id, let candidates):
            "'\(id)' may be any of \(candidates.joined(separator: ", ")); give the whole id"
        case .inUse(let path, let owner):
            "\(path) is in use by \(owner.isEmpty ? "another process" : "process \(owner)"); stop the "
                + "collector first, reading is possible while it runs"
        case .io(let error): error.description
        case .spool(let error): error.description
        }
    }
}
