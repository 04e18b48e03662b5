extension FunctionSet {
    /// All editors and converters of contrib's ottlfuncs.
    public static let standard = FunctionSet(
        ValueEditors.all + MapEditors.all + ReplaceEditors.all + TypeConverters.all + TypeChecks.all
            + TextConverters.all + CaseConverters.all + HashConverters.all + TimeConverters.all
            + CollectionConverters.all + LambdaConverters.all + IdentifierConverters.all
            + NetworkConverters.all
            + ParseConverters.all + PatternConverters.all + XMLConverters.all + UserAgentConverter.all)
}
