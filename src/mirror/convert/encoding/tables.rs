//! The legacy character sets, and where iconv of glibc 2.36 differs from the encoding standard of the web.
//!
//! Each set was compared for every character of Unicode.

use std::ops::RangeInclusive;

use super::charset::Fate::{Code, Lacking, Number, Unknown};
use super::charset::{Charset, Fate, Source};

/// The character sets that this program writes.
pub(super) static CHARSETS: &[Charset] = &[
    identity(
        "ASCII ANSI_X3.4-1968 ANSI_X3.4-1986 ANSI_X3.4 CP367 CP891 CP903 IBM367 IBM891 IBM903 ISO646-US ISO_646.IRV:1991 US-ASCII US",
        '\x7F',
    ),
    identity(
        "ISO-8859-1 8859_1 CP819 IBM819 ISO8859-1 ISO88591 ISO_8859-1 ISO_8859-1:1987 L1 LATIN1 LATIN-1",
        '\u{FF}',
    ),
    Charset {
        characters: &[
            ('Ð'..='Ð', Lacking),
            ('Ğ'..='Ğ', Code(0xD0)),
            ('Ý'..='Þ', Lacking),
            ('İ'..='İ', Code(0xDD)),
            ('Ş'..='Ş', Code(0xDE)),
            ('ð'..='ð', Lacking),
            ('ğ'..='ğ', Code(0xF0)),
            ('ý'..='þ', Lacking),
            ('ı'..='ı', Code(0xFD)),
            ('ş'..='ş', Code(0xFE)),
        ],
        ..identity(
            "ISO-8859-9 8859_9 CP920 ECMA-128 IBM920 ISO8859-9 ISO88599 ISO_8859-9 ISO_8859-9:1989 L5 LATIN5 TS-5881",
            '\u{FF}',
        )
    },
    web(
        "ISO-8859-2 8859_2 CP912 IBM912 ISO8859-2 ISO88592 ISO_8859-2 ISO_8859-2:1987 L2 LATIN2",
        encoding_rs::ISO_8859_2,
    ),
    web(
        "ISO-8859-3 8859_3 ISO8859-3 ISO88593 ISO_8859-3 ISO_8859-3:1988 L3 LATIN3",
        encoding_rs::ISO_8859_3,
    ),
    web(
        "ISO-8859-4 8859_4 ISO8859-4 ISO88594 ISO_8859-4 ISO_8859-4:1988 L4 LATIN4",
        encoding_rs::ISO_8859_4,
    ),
    web(
        "ISO-8859-5 8859_5 CP915 CYRILLIC IBM915 ISO8859-5 ISO88595 ISO_8859-5 ISO_8859-5:1988",
        encoding_rs::ISO_8859_5,
    ),
    web(
        "ISO-8859-6 8859_6 ARABIC ASMO-708 CP1089 ECMA-114 IBM1089 ISO8859-6 ISO88596 ISO_8859-6 ISO_8859-6:1987",
        encoding_rs::ISO_8859_6,
    ),
    web(
        "ISO-8859-7 8859_7 CP813 ECMA-118 ELOT_928 GREEK GREEK8 IBM813 ISO8859-7 ISO88597 ISO_8859-7 ISO_8859-7:1987 ISO_8859-7:2003",
        encoding_rs::ISO_8859_7,
    ),
    web(
        "ISO-8859-8 8859_8 CP916 HEBREW IBM916 ISO8859-8 ISO88598 ISO_8859-8 ISO_8859-8:1988",
        encoding_rs::ISO_8859_8,
    ),
    web(
        "ISO-8859-10 ISO8859-10 ISO885910 ISO_8859-10 ISO_8859-10:1992 L6 LATIN6",
        encoding_rs::ISO_8859_10,
    ),
    web(
        "ISO-8859-13 BALTIC CP921 IBM-921 IBM921 ISO8859-13 ISO885913 L7 LATIN7",
        encoding_rs::ISO_8859_13,
    ),
    web(
        "ISO-8859-14 ISO-CELTIC ISO8859-14 ISO885914 ISO_8859-14 ISO_8859-14:1998 L8 LATIN8",
        encoding_rs::ISO_8859_14,
    ),
    web(
        "ISO-8859-15 ISO8859-15 ISO885915 ISO_8859-15 ISO_8859-15:1998 LATIN-9 LATIN9",
        encoding_rs::ISO_8859_15,
    ),
    web(
        "ISO-8859-16 ISO8859-16 ISO885916 ISO_8859-16 ISO_8859-16:2001 L10 LATIN10",
        encoding_rs::ISO_8859_16,
    ),
    Charset {
        characters: CONTROLS_LACKING,
        ..web("WINDOWS-1250 CP1250 MS-EE", encoding_rs::WINDOWS_1250)
    },
    Charset {
        characters: CONTROLS_LACKING,
        ..web("WINDOWS-1251 CP1251 MS-CYRL", encoding_rs::WINDOWS_1251)
    },
    Charset {
        characters: CONTROLS_LACKING,
        ..web("WINDOWS-1252 CP1252 MS-ANSI", encoding_rs::WINDOWS_1252)
    },
    Charset {
        characters: CONTROLS_LACKING,
        ..web("WINDOWS-1253 CP1253 MS-GREEK", encoding_rs::WINDOWS_1253)
    },
    Charset {
        characters: CONTROLS_LACKING,
        ..web("WINDOWS-1254 CP1254 MS-TURK", encoding_rs::WINDOWS_1254)
    },
    Charset {
        characters: CONTROLS_LACKING,
        ..web("WINDOWS-1257 CP1257 WINBALTRIM", encoding_rs::WINDOWS_1257)
    },
    Charset {
        characters: &[
            ('\u{80}'..='\u{9F}', Lacking),
            ('ֺ'..='ֺ', Lacking),
            ('יִ'..='פֿ', Unknown),
        ],
        ..web("WINDOWS-1255 CP1255 MS-HEBR", encoding_rs::WINDOWS_1255)
    },
    web("WINDOWS-1256 CP1256 MS-ARAB", encoding_rs::WINDOWS_1256),
    Charset {
        characters: CONTROLS_LACKING,
        otherwise: Unknown,
        ..web("WINDOWS-1258 CP1258", encoding_rs::WINDOWS_1258)
    },
    Charset {
        characters: CONTROLS_LACKING,
        ..web("WINDOWS-874 CP874 IBM874", encoding_rs::WINDOWS_874)
    },
    web("KOI8-R KOI8R", encoding_rs::KOI8_R),
    Charset {
        characters: &[
            ('Ў'..='Ў', Lacking),
            ('ў'..='ў', Lacking),
            ('╝'..='╝', Code(0xAE)),
            ('╬'..='╬', Code(0xBE)),
        ],
        ..web("KOI8-U KOI8U", encoding_rs::KOI8_U)
    },
    Charset {
        characters: &[
            ('∆'..='∆', Lacking),
            ('\u{F8FF}'..='\u{F8FF}', Lacking),
            ('Δ'..='Δ', Code(0xC6)),
            ('\u{E01E}'..='\u{E01E}', Code(0xF0)),
        ],
        ..web("MACINTOSH MAC", encoding_rs::MACINTOSH)
    },
    Charset {
        characters: &[('€'..='€', Lacking), ('¤'..='¤', Code(0xFF))],
        ..web(
            "MAC-CYRILLIC MAC-UK MACCYRILLIC MACUK MACUKRAINIAN",
            encoding_rs::X_MAC_CYRILLIC,
        )
    },
    web("CP866 IBM866", encoding_rs::IBM866),
    upper_half(
        "CP437 IBM437",
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}",
    ),
    upper_half(
        "CP850 IBM850",
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{AD}±‗¾¶§÷¸°¨·¹³²■\u{A0}",
    ),
    upper_half(
        "CP852 IBM852",
        "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{AD}˝˛ˇ˘§÷¸°¨˙űŘř■\u{A0}",
    ),
    upper_half(
        "CP858 IBM858",
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{AD}±‗¾¶§÷¸°¨·¹³²■\u{A0}",
    ),
    Charset {
        characters: &[
            ('\u{80}'..='\u{80}', Lacking),
            ('∥'..='∥', Lacking),
            ('－'..='－', Lacking),
            ('～'..='～', Lacking),
            ('¢'..='¢', Code(0x8191)),
            ('£'..='£', Code(0x8192)),
            ('¬'..='¬', Code(0x81CA)),
            ('‖'..='‖', Code(0x8161)),
            ('〜'..='〜', Code(0x8160)),
        ],
        codes: &[(0x8740..=0x87FF, Lacking), (0xFA40..=0xFCFF, Lacking)],
        ..web("SHIFT_JIS MS_KANJI SHIFT-JIS SJIS", encoding_rs::SHIFT_JIS)
    },
    Charset {
        characters: &[
            ('\u{80}'..='\u{80}', Lacking),
            ('¢'..='¢', Code(0x8191)),
            ('£'..='£', Code(0x8192)),
            ('¬'..='¬', Code(0x81CA)),
            ('‖'..='‖', Code(0x8161)),
            ('〜'..='〜', Code(0x8160)),
            ('—'..='—', Code(0x815C)),
            ('\u{E000}'..='\u{E757}', Unknown),
        ],
        ..web(
            "CP932 MS932 SJIS-OPEN SJIS-WIN WINDOWS-31J",
            encoding_rs::SHIFT_JIS,
        )
    },
    Charset {
        characters: &[
            ('∥'..='∥', Unknown),
            ('－'..='－', Unknown),
            ('～'..='～', Unknown),
            ('￠'..='￢', Unknown),
        ],
        codes: &[(0xADA1..=0xADFE, Unknown), (0xF9A1..=0xFEFE, Unknown)],
        otherwise: Unknown,
        ..web("EUC-JP EUCJP UJIS", encoding_rs::EUC_JP)
    },
    Charset {
        characters: &[
            ('\u{80}'..='\u{9F}', Number),
            ('₩'..='₩', Code(0xA3DC)),
            ('㉾'..='㉾', Code(0xA2E8)),
        ],
        ..euc("EUC-KR EUCKR", encoding_rs::EUC_KR)
    },
    web("CP949 MSCP949 UHC", encoding_rs::EUC_KR),
    Charset {
        characters: &[
            ('ǹ'..='ǹ', Lacking),
            ('ḿ'..='ḿ', Lacking),
            ('⺁'..='⻊', Lacking),
            ('⿰'..='⿻', Lacking),
            ('〾'..='〾', Lacking),
            ('㐀'..='䶿', Lacking),
            ('龴'..='龻', Lacking),
            ('\u{E000}'..='\u{F8FF}', Lacking),
            ('︐'..='︙', Lacking),
        ],
        ..web("GBK CP936 GB13000 MS936 WINDOWS-936", encoding_rs::GBK)
    },
    Charset {
        characters: &[
            ('·'..='·', Lacking),
            ('—'..='—', Lacking),
            ('―'..='―', Code(0xA1AA)),
            ('・'..='・', Code(0xA1A4)),
        ],
        codes: &[
            (0xA2A1..=0xA2B0, Lacking),
            (0xA2E4..=0xA2E4, Lacking),
            (0xA2EF..=0xA2F0, Lacking),
            (0xA2FD..=0xA2FE, Lacking),
            (0xA4F4..=0xA4FE, Lacking),
            (0xA5F7..=0xA5FE, Lacking),
            (0xA6B9..=0xA6C0, Lacking),
            (0xA6D9..=0xA6FE, Lacking),
            (0xA7C2..=0xA7D0, Lacking),
            (0xA7F2..=0xA7FE, Lacking),
            (0xA8BB..=0xA8C4, Lacking),
            (0xA8EA..=0xA8FE, Lacking),
            (0xA9A1..=0xA9A3, Lacking),
            (0xA9F0..=0xAFFF, Lacking),
            (0xD7FA..=0xD7FE, Lacking),
            (0xF8A1..=0xFFFF, Lacking),
        ],
        ..euc("GB2312 CN-GB EUC-CN EUCCN", encoding_rs::GBK)
    },
    Charset {
        characters: &[
            ('\u{E5E5}'..='\u{E5E5}', Unknown),
            ('\u{E78D}'..='\u{E796}', Unknown),
            ('\u{E816}'..='\u{E864}', Unknown),
            ('𠂇'..='𠂇', Unknown),
            ('𠂉'..='𠂉', Unknown),
            ('𠃌'..='𠃌', Unknown),
            ('𡗗'..='𡗗', Unknown),
            ('𢦏'..='𢦏', Unknown),
            ('𤇾'..='𤇾', Unknown),
        ],
        ..web("GB18030", encoding_rs::GB18030)
    },
    Charset {
        characters: &[
            ('\u{80}'..='\u{80}', Number),
            ('═'..='═', Code(0xA2A4)),
            ('╞'..='╞', Code(0xA2A5)),
            ('╡'..='╡', Code(0xA2A7)),
            ('╪'..='╪', Code(0xA2A6)),
            ('▓'..='▓', Code(0xF9FE)),
            ('仝'..='仝', Code(0xC969)),
            ('\u{F6B1}'..='\u{F848}', Unknown),
        ],
        codes: &[
            (0xA3C0..=0xA3E0, Lacking),
            (0xC6A1..=0xC8FE, Lacking),
            (0xF9FE..=0xFEFE, Lacking),
        ],
        ..web(
            "BIG5 BIG-5 BIG-FIVE BIGFIVE CN-BIG5 CP950",
            encoding_rs::BIG5,
        )
    },
];

/// The control characters 128 to 159 exist where a Windows code page leaves a code free, but only in the web.
const CONTROLS_LACKING: &[(RangeInclusive<char>, Fate)] = &[('\u{80}'..='\u{9F}', Lacking)];

const fn charset(names: &'static str, source: Source) -> Charset {
    Charset {
        names,
        source,
        characters: &[],
        codes: &[],
        otherwise: Lacking,
    }
}

const fn web(names: &'static str, encoding: &'static encoding_rs::Encoding) -> Charset {
    charset(names, Source::Web(encoding))
}

const fn euc(names: &'static str, encoding: &'static encoding_rs::Encoding) -> Charset {
    charset(names, Source::Euc(encoding))
}

const fn upper_half(names: &'static str, characters: &'static str) -> Charset {
    charset(names, Source::UpperHalf(characters))
}

const fn identity(names: &'static str, last: char) -> Charset {
    charset(names, Source::Identity(last))
}
