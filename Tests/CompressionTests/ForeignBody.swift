import Compression
import Testing
import Wire

/// Bodies that other libraries wrote: Python's gzip and zlib, python-zstandard and python-snappy.
struct ForeignBody: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let algorithm: CompressionAlgorithm
    let base64: String

    /// What every one of them holds.
    static let content = Bytes(
        utf8: (0..<60).map { "span-\($0) service.name=checkout status=\($0 % 7);" }.joined())

    var bytes: Bytes { Bytes(decodeBase64(base64)) }

    static let all: [ForeignBody] = [
        ForeignBody(
            testDescription: "gzip", algorithm: .gzip,
            base64: """
                H4sIAAAAAAAAA43VXWoCMRiF4a24AYvJl2iLuJhhGFBEW5qx6y+Sc27zzv25et78tJ/puT/s2vL7d5uXj+f0WC7zdZ\
                nv369119ZpfbXL4dzeqzRepb7K41Xuqxivoq/KeFX6qo5Xta+O49Wxr06bJD43SXxtkkiAL4oE+rJIwC+MBP7SSBDA\
                BwMKyCNBAoNAA4NABINABYFkqCCQDBUEkqGCrwpUEEiGCgLJUEEgGSoYBCoYBCoYBCoIJKCCHw+oIJCACgIJqCCQgA\
                oCCaggkIAKBoEKBoEKBoEKAilQQSAFKgikQAWBFKggkAIVBFKggv8XqGAQqGAQqGAQqCCQChUEUqGCQCpUEEiFCv5x\
                oYJAKlQQSIUKBoEKBoEKBoEKcf4H4rM5lhoJAAA=
                """),
        ForeignBody(
            testDescription: "gzipWithName", algorithm: .gzip,
            base64: """
                H4sICAEAAAAC/2EtbmFtZS50eHQAjdVJigJBEEDRq3gBJWPKAfEwRVGgiNp0lp5fmtxn//1fPWLoP8vzmA59+/3c1u\
                30XB7bZb1u6/313g99X/Z3v6Rz/6tkXsmodF7pqGxe2ah8XvmoYl7FqPK8yqMqSKIiiYYkJCEKEWQhijDEkIY4G4xA\
                HpIZSGEglYE0BKIJgaggEFW2KoZA1BGIBgLRzEAKA6kMpCEQS+x4CAIxRSBmCMQcgVggEMsMpDCQykAaAvGEQFwQiC\
                sCcUMg7gjEg/2XzEAKA6kMpCGQSAgkBIGEIpAw9nEdgUQgkMgMpDCQykDafyBf4rM5lhoJAAA=
                """),
        ForeignBody(
            testDescription: "gzipTwoMembers", algorithm: .gzip,
            base64: """
                H4sIAAAAAAAAA43TWwrCQAyF4a10A0qTXlSkixmGAUWs4kxdv0hOXnP6fp6+P6nvtB76rpbP957LcU3PsuRbyY/X1r\
                raUtvq0l/rfyXxSmyl8UptNcSrwVZjvBptNcWryVZzvJptddolcd4lcdklIQQfFEL0YSGEHxhC/KEhJIAfBikADyEJ\
                HIQ0cBASwUFIBYAoqQAQJRUAoqSCvwqpABAlFQCipAJAlFRwEFLBQUgFByEVAPIDj1I4t40EAAAfiwgAAAAAAAQDhd\
                FBDoMwDETRq3CBVoBtWoQ4TBRFalUVUBM4fzfjrWf/V+9L39Xyu9653Lf0LWt+lfzZz9bVltpZ13GpR9puMsSZIBvj\
                TJFJnBkyjbMJmcVZj2yKswHZI84c5BlnDjLHGUCUXACIkgsAUXIBIEouAETJBYAouQAQJRcchFxwEHLBQcgFgBi5AB\
                AjFwBi5AJAjFwAiJELADFyASBGLjgIueAg5IKDkAuy/AFj1pCijQQAAA==
                """),
        ForeignBody(
            testDescription: "zlib", algorithm: .zlib,
            base64: """
                eJyN1V1qAjEYheGtuAGLyZdoi7iYYRhQRFuasesvknNu8879uXre/LSf6bk/7Nry+3ebl4/n9Fgu83WZ79+vddfWaX\
                21y+Hc3qs0XqW+yuNV7qsYr6KvynhV+qqOV7WvjuPVsa9OmyQ+N0l8bZJIgC+KBPqySMAvjAT+0kgQwAcDCsgjQQKD\
                QAODQASDQAWBZKggkAwVBJKhgq8KVBBIhgoCyVBBIBkqGAQqGAQqGAQqCCSggh8PqCCQgAoCCaggkIAKAgmoIJCACg\
                aBCgaBCgaBCgIpUEEgBSoIpEAFgRSoIJACFQRSoIL/F6hgEKhgEKhgEKggkAoVBFKhgkAqVBBIhQr+caGCQCpUEEiF\
                CgaBCgaBCgaBCnH+B0JIT6g=
                """),
        ForeignBody(
            testDescription: "rawDeflate", algorithm: .deflate,
            base64: """
                jdVdagIxGIXhrbgBi8mXaIu4mGEYUERbmrHrL5JzbvPO/bl63vy0n+m5P+za8vt3m5eP5/RYLvN1me/fr3XX1ml9tc\
                vh3N6rNF6lvsrjVe6rGK+ir8p4Vfqqjle1r47j1bGvTpskPjdJfG2SSIAvigT6skjAL4wE/tJIEMAHAwrII0ECg0AD\
                g0AEg0AFgWSoIJAMFQSSoYKvClQQSIYKAslQQSAZKhgEKhgEKhgEKggkoIIfD6ggkIAKAgmoIJCACgIJqCCQgAoGgQ\
                oGgQoGgQoCKVBBIAUqCKRABYEUqCCQAhUEUqCC/xeoYBCoYBCoYBCoIJAKFQRSoYJAKlQQSIUK/nGhgkAqVBBIhQoG\
                gQoGgQoGgQpx/gc=
                """),
        ForeignBody(
            testDescription: "zstd", algorithm: .zstd,
            base64: """
                KLUv/WAaCE0FAMLJGRiQp+mEoiEihHo7dwdEjpCVKaUkL1D9H2NFz+/0+u/3/E4u33ZNz+Ty7bbsSq2+bsuOxOJplu\
                RILH5ex2202ueOAQOgQ9Vvt+RWkHEW5VAOoSwGBIgRQAxTcCQGgwwkIJhDUCE5Dk52qCH8+v8G0BvVAREkgCL8/5gP\
                ZXBw4WChgoODBwsNGhyU6BFPh5KhX3gilAa94AkLhBIgYfY3uxubL4gTQKo=
                """),
        ForeignBody(
            testDescription: "zstdWithoutSize", algorithm: .zstd,
            base64: """
                KLUv/QBYXQUAEsoaGKAn6Y3aavavn01EFWod9r9MKSVJg9UPYYae3+n13+/5nVy+7ZqeyeXbbdmVWn3dlh2JxdMsyZ\
                FY/LyO22i1zx0FFkAAVb/dkpuBFMQx0OEkkpKcIkkcFBxm4DgYg4IUzEGQgGBOQQZSECd1qCH8+n8H0BvVAREIivD/\
                Yz7nYcOMDA0aGjJmaGjQEJ7oEMtDuaFbWBLKB51giQXiGWAguOeOW8oF00Kq
                """),
        ForeignBody(
            testDescription: "zstdTwoFrames", algorithm: .zstd,
            base64: """
                KLUv/WCNA5UFAFIGFBeQN21NMBoihJqQzMy6HRFF9k45oHI39gZSZRG/nsff7b9fz6PP5tsup9FnvsCBAmQi3pn9Nl\
                LJLknTFmk5FMwZmOQYFB3HEBKIs0UZSJUNOiCwM0oHTYZrzCDtBrbJcI0ZpN3AmhiusUG2G1gTDpfY2AZBbLeBHTbZ\
                cIaNbZDCdhsYYZMNN9jYBhFst4EDmy1jgE2GKxgm4mBMCHYFw0QcxgjBTrCYiMMYFcJJsE8otS/9YI0DLQUAUsYUGJ\
                CnbUbI6P1/LZ27A9a8iUTuTBJ7EbuiBMaPzRVTzUT87TtLO2qyoD6Nd7NeGuK5cTm1VMyjfwcg6KAMHypZaKliJQZC\
                WkE6toCQwKZBArGqsAc5IOA3A0LcE8wVcS4T4p5grohzmRD3BHNFnMtEg4k4lwlxTzBXxLlMiHuCuSLOZULcE8wVAm\
                FMiHuCuSLOZULcE8wVcS4T4p5g1hVRYioD
                """),
        ForeignBody(
            testDescription: "snappyBlock", algorithm: .snappy,
            base64: """
                mhKYc3Bhbi0wIHNlcnZpY2UubmFtZT1jaGVja291dCBzdGF0dXM9MDtzASYAMXYmAAAxCSYAMnYmAAAyCSYAM3YmAA\
                AzCSYANHYmAAA0CSYANXYmAAA1CSYANnYmAAA2CSYAN3YmAAAwCSYAOHYmAC0KADl2JgAtCgAxen0BLQsAMXp+AS0M\
                ADF6fwEtDQAxeoABLQ4AMXqBAS0PADF6ggEtEAAxeoMBMRF6hAExEXqFATEReoYBLREAMnqGAS0RADJ6hgEtEQAyeo\
                YBLREAMnqGAS0RADJ6hgEtEQAyeoYBLREAMnqGATEReoYBMRF6hgExEXqGAS0RADN6hgEtEQAzeoYBLREAM3qGAS0R\
                ADN6hgEtEQAzeoYBLREAM3qGAS0RADN6hgExEXqGATEReoYBMRF6hgEtEQA0eoYBLREANHqGAS0RADR6hgEtEQA0eo\
                YBLREANHqGAS0RADR6hgEtEQA0eoYBMRF6hgExEXqGATEReoYBLREANXqGAS0RADV6hgEtEQA1eoYBLREANXqGAS0R\
                ADV6hgEtEQA1eoYBLREANXqGATEReoYBMRF6hgExEXqGAQQzOw==
                """),
        ForeignBody(
            testDescription: "snappyFramed", algorithm: .snappyFramed,
            base64: """
                /wYAAHNOYVBwWQC+AQBtBxT8mhKYc3Bhbi0wIHNlcnZpY2UubmFtZT1jaGVja291dCBzdGF0dXM9MDtzASYAMXYmAA\
                AxCSYAMnYmAAAyCSYAM3YmAAAzCSYANHYmAAA0CSYANXYmAAA1CSYANnYmAAA2CSYAN3YmAAAwCSYAOHYmAC0KADl2\
                JgAtCgAxen0BLQsAMXp+AS0MADF6fwEtDQAxeoABLQ4AMXqBAS0PADF6ggEtEAAxeoMBMRF6hAExEXqFATEReoYBLR\
                EAMnqGAS0RADJ6hgEtEQAyeoYBLREAMnqGAS0RADJ6hgEtEQAyeoYBLREAMnqGATEReoYBMRF6hgExEXqGAS0RADN6\
                hgEtEQAzeoYBLREAM3qGAS0RADN6hgEtEQAzeoYBLREAM3qGAS0RADN6hgExEXqGATEReoYBMRF6hgEtEQA0eoYBLR\
                EANHqGAS0RADR6hgEtEQA0eoYBLREANHqGAS0RADR6hgEtEQA0eoYBMRF6hgExEXqGATEReoYBLREANXqGAS0RADV6\
                hgEtEQA1eoYBLREANXqGAS0RADV6hgEtEQA1eoYBLREANXqGATEReoYBMRF6hgExEXqGAQQzOw==
                """),
    ]
}

private func decodeBase64(_ text: String) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var bytes: [UInt8] = []
    var bits = 0
    var count = 0
    for character in text.utf8 {
        guard let value = alphabet.firstIndex(of: character) else { continue }
        bits = (bits << 6 | value) & 0xffff
        count += 6
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> count))
        }
    }
    return bytes
}
