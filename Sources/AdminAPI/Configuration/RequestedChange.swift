internal import Control
internal import HTTPAPI
internal import Settings

extension AdminCall {
    /// The change that a body with a patch or a whole document asks for.
    func change() throws(APIProblem) -> ConfigurationChange {
        switch mediaType?.name {
        case MediaType.mergePatch: return .merge(try requiredMap())
        case MediaType.jsonPatch: return .patch(try PatchReader.operations(of: try requiredDocument()))
        default: return .replace(try requiredMap())
        }
    }
}
