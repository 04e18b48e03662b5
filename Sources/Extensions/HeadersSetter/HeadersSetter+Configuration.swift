internal import Pipeline
public import Settings

extension HeadersSetter {
    /// The keys of the extension.
    public struct Configuration: SettingGroup {
        public var headers: [Header] = []
        public var additionalAuth: String?

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field(
                    "headers", \.headers, "What is done to the header fields, one after another.",
                    required: true
                ) {
                    $0.isEmpty ? "must not be empty" : nil
                },
                Field(
                    "additional_auth", \.additionalAuth,
                    "Id of an authenticator that comes after this one; it stands before it in "
                        + "service::extensions."
                ) { id in
                    guard let id, ComponentID(parsing: id) == nil else { return nil }
                    return "must be the id of an extension, such as oauth2client"
                },
            ]
        }
    }

    /// What is done to a header field.
    public enum Action: String, CaseIterable, SettingChoice {
        case insert, update, upsert, delete
    }

    /// One entry of `headers`.
    public struct Header: SettingGroup {
        public var action = Action.upsert
        public var key = ""
        public var value: Secret?
        public var valueFile: String?
        public var fromContext: String?
        public var fromAttribute: String?
        public var defaultValue: Secret?

        public init() {}

        public static var fields: [Field<Header>] {
            [
                Field(
                    "action", \.action,
                    "insert when it is not there, update when it is there, upsert always, or delete."),
                Field(
                    "key", \.key, "Name of the header field.", required: true,
                    check: { HeaderRules.problem(ofName: $0) }),
                Field("value", \.value, "The value.") { value in
                    value.flatMap { HeaderRules.problem(ofValue: $0.reveal()) }
                },
                Field(
                    "value_file", \.valueFile,
                    "Path of a file with the value; read again when it changes."),
                Field(
                    "from_context", \.fromContext,
                    "Header field of the received request that has the value; needs include_metadata in "
                        + "the receiver, and metadata_keys where telemetry is batched."),
                Field(
                    "from_attribute", \.fromAttribute,
                    "Attribute that the receiver's authenticator gave, such as username; what is batched has "
                        + "none."),
                Field(
                    "default_value", \.defaultValue,
                    "The value when there is none to be found; without it the field is left alone."
                ) { value in value.flatMap { HeaderRules.problem(ofValue: $0.reveal()) } },
            ]
        }

        public func check() -> [Problem] {
            guard action != .delete else { return [] }
            let sources = [
                value != nil, valueFile != nil, fromContext != nil, fromAttribute != nil,
            ].filter { $0 }.count
            return sources == 1
                ? [] : [Problem("", "set one of value, value_file, from_context and from_attribute")]
        }
    }
}
