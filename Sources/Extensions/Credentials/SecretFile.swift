internal import Delivery
internal import Logging
internal import Pipeline
internal import Synchronization
internal import Wire

/// A small file with secrets, looked at again every second while the extension runs.
///
/// A file that cannot be read any more changes nothing: what it said last stays in use.
final class SecretFile: Sendable {
    private struct State {
        var text: String
        var failure: String?
    }

    /// How often files are looked at.
    static let interval = Duration.seconds(1)
    /// The most bytes of a file.
    private static let limit = 1 << 20

    let path: String
    private let state: Mutex<State>

    /// Reads the file; throws when that is not possible, naming `key`.
    init(_ path: String, key: String) throws(ComponentError) {
        self.path = path
        do throws(FileError) {
            state = Mutex(State(text: try Self.read(path)))
        } catch {
            throw ComponentError(error.description, key: key)
        }
    }

    /// What the file said when it was last read.
    var text: String { state.withLock { $0.text } }

    /// The same without the line ends behind it, which editors add.
    var line: String {
        let text = text
        guard let end = text.lastIndex(where: { !$0.isNewline }) else { return "" }
        return String(text[...end])
    }

    /// Reads the file again; returns whether it says something else now.
    func refresh(_ logger: Logger) -> Bool {
        do throws(FileError) {
            let text = try Self.read(path)
            return state.withLock { state in
                state.failure = nil
                guard text != state.text else { return false }
                state.text = text
                return true
            }
        } catch {
            let isNew = state.withLock { state in
                defer { state.failure = error.description }
                return state.failure != error.description
            }
            if isNew { logger.error("\(error); what it said before stays in use") }
            return false
        }
    }

    private static func read(_ path: String) throws(FileError) -> String {
        try SmallFile.read(path, limit: limit).string
    }

    /// Says that the extension is ready and looks at the files until it has to stop; calls `changed` when one
    /// says something else.
    static func watch(
        _ files: [SecretFile], in context: Context, during session: ExtensionSession,
        changed: @escaping @Sendable () -> Void = {}
    ) async {
        session.ready()
        await withTaskGroup(of: Void.self) { group in
            if !files.isEmpty {
                group.addTask {
                    while (try? await context.clock.sleep(for: interval)) != nil, !Task.isCancelled {
                        let changes = files.filter { $0.refresh(context.logger) }
                        for file in changes {
                            context.logger.info("a file changed", metadata: ["path": "\(file.path)"])
                        }
                        if !changes.isEmpty { changed() }
                    }
                }
            }
            _ = await session.stopRequested()
            group.cancelAll()
        }
    }
}
