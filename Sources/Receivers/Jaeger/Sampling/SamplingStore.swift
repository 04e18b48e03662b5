internal import Delivery
internal import Logging
internal import Pipeline
internal import Synchronization
internal import Wire

/// The strategies of a file, read again from time to time.
///
/// A file that cannot be used any more changes nothing: what it said last stays in use.
final class SamplingStore: Sendable {
    /// The most bytes of the file.
    private static let limit = 4 << 20

    private struct State {
        var text: [UInt8]
        var strategies: SamplingStrategies
        var failure: String?
    }

    private let path: String
    private let state: Mutex<State>

    /// Reads the file; throws when that is not possible.
    init(_ path: String) throws(ComponentError) {
        self.path = path
        do throws(SamplingStrategies.Failure) {
            let (text, strategies) = try Self.read(path)
            state = Mutex(State(text: text, strategies: strategies))
        } catch {
            throw ComponentError(error.reason, key: "remote_sampling.strategy_file")
        }
    }

    var strategies: SamplingStrategies { state.withLock { $0.strategies } }

    /// Reads the file again and says in the log what came of it, when that is new.
    func refresh(_ logger: Logger) {
        do throws(SamplingStrategies.Failure) {
            let (text, strategies) = try Self.read(path)
            let isNew = state.withLock { state in
                defer { (state.text, state.strategies, state.failure) = (text, strategies, nil) }
                return state.text != text
            }
            if isNew { logger.info("sampling strategies changed", metadata: ["path": "\(path)"]) }
        } catch {
            let isNew = state.withLock { state in
                defer { state.failure = error.reason }
                return state.failure != error.reason
            }
            if isNew { logger.error("\(error.reason); the strategies before stay in use") }
        }
    }

    private static func read(
        _ path: String
    ) throws(SamplingStrategies.Failure) -> (text: [UInt8], strategies: SamplingStrategies) {
        let content: Bytes
        do throws(FileError) {
            content = try SmallFile.read(path, limit: limit)
        } catch {
            throw SamplingStrategies.Failure(reason: error.description)
        }
        do throws(SamplingStrategies.Failure) {
            return (content.array, try SamplingStrategies(parsing: content))
        } catch {
            throw SamplingStrategies.Failure(
                reason: "cannot use the sampling strategies in \"\(path)\": \(error.reason)")
        }
    }
}
