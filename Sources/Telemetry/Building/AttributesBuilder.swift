/// Writes the attributes of a resource or a scope.
///
/// Keys are not checked for duplicates.
public struct AttributesBuilder {
    let output: BuilderOutput
    let number: Int

    /// Writes one attribute.
    public func attribute(_ key: String, _ value: AttributeValue) {
        output.writer.write(key: key, value: value, number)
    }
}

/// A record that has attributes.
///
/// Every field is written at most once; keys are not checked for duplicates.
public protocol RecordBuilder {
    /// Writes one attribute.
    func attribute(_ key: String, _ value: AttributeValue)
}
