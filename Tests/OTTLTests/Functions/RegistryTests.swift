import Foundation
import OTTL
import Testing

@Suite struct RegistryTests {
    /// The lists of contrib's pkg/ottl/ottlfuncs/README.md, and the functions that it describes below them.
    private static let editors = """
        append delete_index delete_key delete_matching_keys keep_matching_keys flatten keep_keys \
        limit merge_maps replace_all_matches replace_all_patterns replace_match replace_pattern \
        set stringify_all truncate_all
        """

    private static let converters = """
        All Any Base64Decode Base64Encode Bool Decode Coalesce CommunityID Concat ContainsValue \
        ConvertCase ConvertAttributesToElementsXML ConvertTextToElementsXML Day Double Duration \
        ExtractPatterns ExtractGrokPatterns Filter Find FNV Format FormatTime GetXML HasPrefix \
        HasSuffix Hex Hour Hours Index InsertXML Int IsBool IsDouble IsEmpty IsInCIDR IsInt \
        IsRootSpan IsMap IsMatch IsList IsString Keys Len Log IsValidLuhn MapEach MapKeys MD5 \
        Microseconds Milliseconds Minute Minutes Month Murmur3Hash Murmur3Hash128 Nanosecond \
        Nanoseconds Now ParseCSV ParseInt ParseJSON ParseKeyValue ParseSeverity ParseSimplifiedXML \
        ParseXML ProfileID Reduce RemoveXML Second Seconds SHA1 SHA256 SHA512 SliceToMap Sort \
        SpanID Split String Substring Time ToCamelCase ToKeyValueString ToLowerCase ToSnakeCase \
        ToUpperCase TraceID Trim TrimPrefix TrimSuffix TruncateTime Unix UnixMicro UnixMilli \
        UnixNano UnixSeconds URL UserAgent UUID UUIDv7 Values Weekday When XXH3 XXH128 Year
        """

    private static func words(_ text: String) -> [String] {
        text.split(separator: " ").map(String.init).sorted()
    }

    @Test func `every function of the collector is there and no other`() {
        let all = FunctionSet.standard.names.compactMap { FunctionSet.standard[$0] }
        #expect(all.filter { $0.isEditor }.map(\.name) == Self.words(Self.editors))
        #expect(all.filter { !$0.isEditor }.map(\.name) == Self.words(Self.converters))
    }

    @Test(arguments: FunctionSet.standard.names)
    func `every function is documented, its parameters in snake case and optional ones last`(_ name: String)
        throws
    {
        let function = try #require(FunctionSet.standard[name])
        #expect(function.summary.hasSuffix(".") && function.summary.count < 130)
        #expect(function.example.contains("\(name)("))
        let optional = function.parameters.map(\.isOptional)
        #expect(optional == optional.sorted { !$0 && $1 })
        for parameter in function.parameters {
            #expect(
                parameter.name.allSatisfy { $0 == "_" || ($0.isASCII && ($0.isLowercase || $0.isNumber)) })
        }
        #expect(Set(function.parameters.map(\.name)).count == function.parameters.count)
    }

    @Test func `the reference page is fresh`() throws {
        var directory = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while !FileManager.default.fileExists(atPath: directory.appending(path: "Package.swift").path) {
            directory.deleteLastPathComponent()
        }
        let path = directory.appending(path: "config/reference/\(FunctionReference.pageName)")
        let written = try String(contentsOf: path, encoding: .utf8)
        #expect(written == FunctionReference.page(), "run: make reference")
    }
}
