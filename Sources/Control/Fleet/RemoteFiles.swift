internal import Delivery
internal import Pipeline
internal import Wire

/// What is kept of remote configurations below the state directory.
struct RemoteFiles: Sendable {
    private let directory: String?

    init(stateDirectory: String?) { directory = stateDirectory.map { "\($0)/fleet" } }

    /// What the last process wrote; `nil` when there is nothing.
    func read() throws(StateFailure) -> RemoteRecord? {
        guard let directory, Directory.exists(directory),
            let text = try AtomicFile(directory: directory).read(RemoteRecord.fileName)
        else { return nil }
        return try RemoteRecord(text: text)
    }

    func write(_ record: RemoteRecord) throws(StateFailure) {
        guard let directory else { return }
        try make(directory)
        try AtomicFile(directory: directory).write(record.text, to: RemoteRecord.fileName)
    }

    /// A directory of its own for an extension; `nil` when it cannot be made.
    func directory(for id: ComponentID) -> String? {
        guard let directory else { return nil }
        let name = id.description.utf8.map(Self.safe).joined()
        let path = "\(directory)/\(name)"
        return (try? make(path)).map { path }
    }

    private func make(_ path: String) throws(StateFailure) {
        do throws(FileError) { try Directory.make(path, permissions: 0o700) } catch {
            throw StateFailure("\(error)")
        }
    }

    /// Letters, digits and underscores as they are, anything else as `%XX`: no id can leave the directory.
    private static func safe(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            String(Unicode.Scalar(byte))
        default: "%" + Hexadecimal.text(of: [byte])
        }
    }
}
