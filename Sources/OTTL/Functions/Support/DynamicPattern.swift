internal import Patterns
internal import Synchronization
internal import Wire

/// A pattern that a statement hands over: compiled once when it is a literal.
///
/// One that comes out of telemetry is compiled when it is met; the last one is kept.
final class DynamicPattern<Compiled: Sendable>: Sendable {
    private let text: TypedGetter<Bytes>
    private let literal: Compiled?
    private let compile: @Sendable (String) throws(PatternError) -> Compiled
    private let last = Mutex<(text: Bytes, compiled: Compiled)?>(nil)

    /// Throws for a literal that is no pattern.
    init(
        _ arguments: Arguments, _ parameter: Int,
        _ compile: @escaping @Sendable (String) throws(PatternError) -> Compiled
    ) throws(FunctionError) {
        let argument = arguments[parameter]
        text = argument.string
        self.compile = compile
        guard let text = argument.literalString else {
            literal = nil
            return
        }
        do throws(PatternError) {
            literal = try compile(text)
        } catch {
            throw FunctionError("the pattern is not valid: \(error)", parameter: parameter)
        }
    }

    /// What a literal was compiled to.
    var known: Compiled? { literal }

    /// The pattern for one piece of telemetry.
    func callAsFunction(_ frame: Frame) throws(EvaluationError) -> Compiled {
        if let literal { return literal }
        let text = try text(frame)
        if let known = last.withLock({ $0.flatMap { $0.text.isEqual(to: text) ? $0.compiled : nil } }) {
            return known
        }
        let compiled: Compiled
        do throws(PatternError) {
            compiled = try compile(text.string)
        } catch {
            throw .message("the pattern is not valid: \(error)")
        }
        // A copy: the text is a slice of a whole batch.
        last.withLock { $0 = (Bytes(text.array), compiled) }
        return compiled
    }
}
