public import OTTL
public import Settings

extension TailSampling {
    /// A condition of one context, which is checked and compiled when it is read.
    public protocol ConditionContext: Sendable {
        static var context: OTTLContext { get }
    }

    /// Conditions on spans.
    public enum OnSpans: ConditionContext {
        public static let context = OTTLContext.span
    }

    /// Conditions on events of spans.
    public enum OnEvents: ConditionContext {
        public static let context = OTTLContext.spanevent
    }

    /// A condition as it stands in the configuration.
    public struct ConditionText<Kind: ConditionContext>: SettingValue {
        let source: StatementSource
        /// `nil` only where a mistake was reported.
        let condition: Condition?

        public static var kind: String { "a condition" }
        public static var schema: Tree { StatementSource.schema }

        public static func read(
            _ tree: Tree, over existing: Self?, with reader: inout SettingReader
        ) -> Self? {
            guard let source = StatementSource.read(tree, over: nil, with: &reader) else { return nil }
            do throws(OTTLError) {
                let condition = try Condition(
                    parsing: source.text, context: Kind.context, functions: .standard)
                return Self(source: source, condition: condition)
            } catch {
                reader.report(source.diagnostic(error, path: reader.path))
                return Self(source: source, condition: nil)
            }
        }

        public func tree(_ secrets: SecretVisibility) -> Tree? { source.tree(secrets) }
    }
}
