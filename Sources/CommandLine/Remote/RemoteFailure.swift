internal import Settings

/// Why a command over the admin API has not done what it was asked to.
enum RemoteFailure: Error {
    /// Nobody answers.
    case unreachable(String)
    /// The collector refuses; the answer says why.
    case refused(AdminAnswer)
    /// The answer is not one of an admin API.
    case unexpected(String)

    /// What the program ends with.
    var exitCode: Int32 {
        switch self {
        case .unreachable: ExitCodes.unreachable
        case .unexpected: ExitCodes.failure
        case .refused(let answer):
            switch answer.status {
            case 401, 403, 429: ExitCodes.notAllowed
            case 422: ExitCodes.configuration
            case 400 where !(answer.tree["errors"]?.list ?? []).isEmpty: ExitCodes.configuration
            default: ExitCodes.failure
            }
        }
    }
}
