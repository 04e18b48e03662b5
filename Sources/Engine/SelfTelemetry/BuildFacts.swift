/// How the program was built.
public enum BuildFacts {
    /// The processor the program was built for, as Go names it.
    public static var architecture: String { ProcessFacts.architecture }

    /// The language version of the compiler.
    public static var swift: String {
        #if compiler(>=6.4)
        "6.4 or later"
        #else
        "6.3"
        #endif
    }
}
