"""Long, realistic contents, after the published cases of the domain brief; names, addresses and numbers are made up."""

from __future__ import annotations

from typing import Any

RELIEF = {"reconsideration": "宁波市鄞州区人民政府", "court": "宁波市鄞州区人民法院"}
PARTY: dict[str, Any] = {
    "kind": "entity", "name": "宁波市鄞州鑫达车辆附件厂（普通合伙）", "id_number": "91330212MA2AB3CD4E",
    "address": "浙江省宁波市鄞州区姜山镇科技园区茅山路888号3幢", "postcode": "315191",
    "representative": "王𬭎", "representative_post": "执行事务合伙人", "phone": "0574-8800 1234",
}
EVIDENCE = [
    {"name": "《现场检查记录》（甬鄞应急检记〔2024〕112号）及现场照片6张",
     "proves": "2024年2月27日检查时，焊工张㙍、李鄠正在焊接车间从事电焊作业，当场不能提供特种作业操作证", "source": "执法人员现场制作，第12—19页"},
    {"name": "对执行事务合伙人王𬭎的《询问笔录》2份",
     "proves": "两名焊工自2023年9月起从事电焊作业，当事人明知其未取得焊接与热切割作业操作证而安排上岗", "source": "执法人员制作，第20—27页"},
    {"name": "对张㙍、李鄠的《询问笔录》各1份", "proves": "二人未参加过专门的安全作业培训，未取得相应资格", "source": "执法人员制作，第28—35页"},
    {"name": "应急管理部特种作业操作证查询平台查询结果截图", "proves": "平台无二人的焊接与热切割作业操作证信息", "source": "第36页"},
    {"name": "营业执照、合伙协议、劳动合同、2023年9月至2024年2月工资发放表复印件",
     "proves": "当事人主体身份，与二人的劳动关系及上岗时间", "source": "当事人提供并签章确认，第37—52页"},
    {"name": "《责令限期整改指令书》《整改复查意见书》", "proves": "当事人于2024年3月12日前完成整改", "source": "第53—56页"},
]  # fmt: skip


def penalty_decision() -> dict[str, Any]:
    """鄞州: welders without certificate, 30,000 yuan."""
    return {
        "agency": "宁波市鄞州区应急管理局", "number": "（甬鄞）应急罚〔2024〕17号", "issued_on": "2024-04-19",
        "party": PARTY, "cause": "安排未取得特种作业操作证的人员上岗作业",
        "origin": "2024年2月27日，本机关执法人员陈立、周敏对你单位焊接车间进行执法检查时，发现两名从业人员正在从事电焊作业，"
        "现场均不能提供特种作业操作证，当场作出《现场处理措施决定书》，责令立即停止作业，并下达《责令限期整改指令书》。"
        "经批准，本机关于2024年3月1日依法立案调查，现已调查终结。",
        "facts": "你单位主要从事汽车座椅支架的冲压、焊接加工。自2023年9月起，你单位招用张㙍、李鄠二人在焊接车间从事"
        "CO₂气体保护焊和手工电弧焊作业，每日作业约6至8小时，月工资为8500元至9200元不等。二人均未按照国家有关规定经专门的"
        "安全作业培训并取得“焊接与热切割作业”操作证。你单位作为生产经营单位，对特种作业人员持证情况未进行核查，也未建立特种作业"
        "人员档案。\n检查后，你单位立即停止了上述二人的焊接作业，将其调整至包装岗位，另行聘用两名持证焊工，并于2024年3月12日"
        "提交了整改报告及相关证明材料。经本机关复查，上述问题已整改完毕。",
        "evidence": EVIDENCE,
        "notice": {
            "number": "（甬鄞）应急告〔2024〕15号", "served_on": "2024-04-08", "statement": "made",
            "statement_text": "你单位系首次违法，已主动整改，且经营困难，请求从轻处罚。",
            "recheck": "你单位首次违法、主动整改的情节属实，本机关在拟作出行政处罚时已经予以考虑；"
            "经营困难不是法定的从轻、减轻情节。对该意见部分予以采纳。",
            "hearing": "not_applicable",
        },
        "violated": "《中华人民共和国安全生产法》第三十条第一款",
        "basis": "《中华人民共和国安全生产法》第九十七条第七项",
        "discretion": "鉴于你单位案发后主动停止违法行为并按期完成整改，未造成危害后果，参照《应急管理行政裁量权基准暂行规定》"
        "第十七条第一项的规定，决定从轻处罚。",
        "penalty": {"types": ["fine"], "fine_fen": 3_000_000},
        "payment": {"bank": "中国工商银行股份有限公司宁波鄞州支行", "account_name": "宁波市鄞州区财政局非税资金专户",
                    "account": "3901 1000 0900 0123 456"},
        "relief": RELIEF,
    }  # fmt: skip


def goods_decision() -> dict[str, Any]:
    """江门: fireworks without licence; fine, confiscation, a hearing; against a person."""
    return {
        "agency": "江门市新会区应急管理局", "number": "（江新）应急罚〔2025〕3号", "issued_on": "2025-03-28",
        "party": {"kind": "person", "name": "欧阳𫖯", "sex": "男", "id_number": "440705198803150012",
                  "address": "广东省江门市新会区会城街道冈州大道中52号", "employer": "江门市新会区会城某购销店",
                  "role": "经营者", "phone": "138 0000 1234"},
        "cause": "未经许可经营烟花爆竹",
        "origin": "2025年1月14日，本机关根据群众举报，对会城街道某出租仓库进行检查，发现烟花爆竹一批，当场予以扣押。2025年1月16日立案调查，现已调查终结。",
        "facts": "经查，你于2024年12月起租用上述仓库，未取得《烟花爆竹经营（零售）许可证》，从他人处购入烟花爆竹存放待售。"
        "经清点，共363箱另49件，货值金额为人民币127600元，尚未售出，无违法所得。",
        "evidence": [{"name": "现场检查记录、扣押决定书及物品清单"}, {"name": "询问笔录3份"}, {"name": "仓库租赁合同、转账记录"},
                     {"name": "烟花爆竹价格认定结论书；"}],
        "notice": {"number": "（江新）应急听告〔2025〕2号", "served_on": "2025-02-20", "statement": "waived",
                   "hearing": "held", "hearing_on": "2025-03-12",
                   "hearing_text": "听证会上，你对违法事实无异议，请求减轻处罚。听证主持人认为，案件事实清楚、证据确凿，"
                   "请求减轻处罚的理由不符合法定条件，建议维持拟作出的行政处罚。"},
        "violated": "《烟花爆竹安全管理条例》第三条第二款的规定",
        "basis": "《烟花爆竹安全管理条例》第三十六条第一款的规定。",
        "collective_on": "2025-03-25",
        "penalty": {"types": ["fine", "confiscate_goods"], "fine_fen": 4_000_000, "confiscation": "烟花爆竹363箱、49件",
                    "measures": "同时，责令你停止非法经营烟花爆竹的活动。"},
        "payment": {"bank": "中国建设银行江门新会支行", "account": "4400 1670 0000 5300 0123"},
        "performance": "没收的烟花爆竹由本机关依法组织处置，你应当予以配合。",
        "relief": {"reconsideration": "江门市新会区人民政府", "court": "江门市江海区人民法院"},
    }  # fmt: skip


def penalty_notice() -> dict[str, Any]:
    """陕西: a coal mine, suspension and 2,000,000, with the right to a hearing."""
    return {
        "agency": "衢州市应急管理局", "number": "（衢）应急告〔2024〕31号", "issued_on": "2024-12-20",
        "party": {**PARTY, "name": "衢州市衢江区鑫志安矿业有限公司", "representative": "赵堃", "representative_post": "董事长"},
        "cause": "擅自开采保安矿柱",
        "facts": "2024年11月5日至11月18日期间，你单位在+120米水平3号采区超出批准的设计范围，擅自开采防隔水矿柱，开采长度86.5米、"
        "宽度4.2米，回采矿石约2,730吨。该防隔水矿柱系防止相邻采空区积水溃入的保安矿柱，其破坏足以导致透水事故，属于重大事故隐患。"
        "矿长明知上述情况，未采取停产撤人措施，仍组织生产。",
        "evidence": [
            {"name": "现场检查记录（2024年11月19日）、井下测量成果图", "proves": "超范围开采的位置、长度、宽度"},
            {"name": "第三方测绘鉴定报告（浙地测鉴〔2024〕第208号）", "proves": "防隔水矿柱被破坏的范围和矿石量"},
            {"name": "对董事长赵堃、矿长钱喆等7人的询问笔录", "proves": "决策过程和主观认知"},
            {"name": "采掘工程平面图、安全设施设计及批复", "proves": "批准的开采范围"},
        ],
        "violated": "《中华人民共和国矿山安全法实施条例》第十四条",
        "basis": "《国务院关于预防煤矿生产安全事故的特别规定》第十条第一款",
        "discretion": "你单位的违法行为属于重大事故隐患，持续时间较长，且在执法人员进入现场后仍未主动停止，依照裁量基准属于从重情节。",
        "penalty": {"types": ["suspend_business", "fine"], "fine_fen": 200_000_000,
                    "details": {"suspend_business": "责令停产整顿"},
                    "measures": "同时，责令你单位立即封闭3号采区，制定专项治理方案。"},
        "statement_days": 3, "hearing": True,
        "contact": {"person": "方锴、徐翀", "phone": "0570-302 0000", "address": "衢州市柯城区花园东大道169号", "postcode": "324003"},
    }  # fmt: skip


def no_penalty_decision() -> dict[str, Any]:
    """A first and slight breach, corrected."""
    return {
        "agency": "衢州市应急管理局", "number": "（衢）应急不罚〔2023〕8号", "issued_on": "2023-06-09",
        "party": {**PARTY, "name": "衢州市某箱包科技有限公司", "representative": "何焜", "representative_post": "总经理"},
        "cause": "未如实记录安全生产教育和培训情况",
        "origin": "2023年5月11日，本机关执法人员对你单位进行“双随机、一公开”检查，于2023年5月15日立案调查，现已调查终结。",
        "facts": "经查，你单位2023年3月组织的新员工安全培训实际参加23人，培训档案记录为25人，有2人未参加培训但由他人代签。",
        "evidence": [{"name": "现场检查记录及培训档案复印件"}, {"name": "询问笔录2份"}, {"name": "整改报告及补训记录、考核试卷"}],
        "ground": "first",
        "reason": "经查询行政执法案件记录，你单位系首次因该类违法行为被查处；所涉2名员工当时尚未上岗，未造成危害后果。",
        "violated": "《中华人民共和国安全生产法》第二十八条第四款",
        "correction": "你单位于2023年5月13日对上述2名员工补充完成24学时培训并经考核合格，如实更正了培训档案。",
        "education": "一是组织主要负责人和安全管理人员学习《中华人民共和国安全生产法》有关从业人员教育培训的规定；"
        "二是建立培训签到核验制度；三是今后再次发生同类违法行为的，将依法予以处罚。",
        "relief": {"reconsideration": "衢州市人民政府", "court": "衢州市柯城区人民法院"},
    }  # fmt: skip


def referral_letter() -> dict[str, Any]:
    """萧山: gas cylinders beside a dormitory; 危险作业罪."""
    return {
        "agency": "杭州市萧山区应急管理局", "number": "（杭萧）应急移〔2021〕1号", "issued_on": "2021-03-09",
        "to": "杭州市公安局萧山区分局", "cause": "杭州某气体有限公司未经许可储存危险化学品",
        "suspects": [
            {**PARTY, "name": "杭州某气体有限公司", "representative": "沈瑒", "representative_post": "法定代表人",
             "address": "杭州市萧山区某镇工业园区12号"},
            {"kind": "person", "name": "沈瑒", "sex": "男", "id_number": "330109197901010015", "address": "杭州市萧山区城厢街道某小区",
             "employer": "杭州某气体有限公司", "role": "实际控制人"},
        ],
        "offence": "危险作业罪", "offence_basis": "《中华人民共和国刑法》第一百三十四条之一第三项",
        "source": "2021年3月8日，本机关接到群众举报后，会同公安机关对涉案仓库进行突击检查。",
        "facts": "该公司未取得危险化学品经营许可证，在租用的厂房内储存氧气、乙炔、丙烷、氩气等气瓶176只，其中乙炔气瓶42只。储存场所"
        "与一墙之隔的员工宿舍（居住23人）的距离不足3米，无任何防火防爆、泄漏报警设施，现场存在动火痕迹，具有发生重大伤亡事故的现实危险。",
        "approved_on": "2021-03-08",
        "penalties": "",
        "materials": [
            {"name": "案件移送书", "copies": 2, "pages": 4},
            {"name": "涉嫌犯罪案件情况的调查报告", "pages": 12},
            {"name": "现场检查记录、现场照片26张", "pages": 18},
            {"name": "询问笔录（沈瑒、仓库管理员、宿舍住户等6人）", "pages": 31},
            {"name": "扣押决定书及涉案物品清单", "pages": 5},
            {"name": "气瓶及介质检验报告（附鉴定机构和鉴定人资质证明）", "pages": 22, "note": "附资质复印件"},
            {"name": "责令立即停止违法行为通知书、送达回证", "pages": 3},
            {"name": "视听资料光盘", "copies": 1, "note": "执法记录仪录像"},
        ],
        "goods": [
            {"name": "溶解乙炔气瓶（40L）", "quantity": "42只", "place": "萧山区危化品专用仓库", "note": "满瓶31只"},
            {"name": "工业氧气瓶（40L）", "quantity": "97只", "place": "萧山区危化品专用仓库"},
            {"name": "丙烷、氩气等其他气瓶", "quantity": "37只", "place": "萧山区危化品专用仓库"},
        ],
        "handler": "陆昇、楼瑒", "phone": "0571-8280 0000", "copied_to": "杭州市萧山区人民检察院",
    }  # fmt: skip


def review_opinion() -> dict[str, Any]:
    """The first review of the 2,000,000 case: correct."""
    points = [{"point": f"RP{number}", "result": "pass"} for number in range(1, 12)]
    points[0]["text"] = "案件由本机关管辖，承办人员方锴、徐翀持有有效行政执法证件。"
    points[2].update(
        result="defect", text="卷内仅有测绘鉴定报告复印件，未见鉴定机构和鉴定人资质证明；对矿长钱喆的第二次询问笔录缺少页码和骑缝签名。",
        evidence="证据卷第45—67页、第102页", basis="《中华人民共和国行政处罚法》第四十六条",
    )
    points[4].update(
        result="defect", text="违法主体系非煤矿山企业，送审文书适用《国务院关于预防煤矿生产安全事故的特别规定》，属适用法律错误，应当适用"
        "《中华人民共和国安全生产法》关于重大事故隐患的规定，重新确定处罚种类和幅度，并相应调整对主要负责人的处罚依据。",
        basis="《中华人民共和国安全生产法》第一百零二条", blocking=True,
    )
    points[5].update(result="defect", text="从重情节的说明未与裁量基准的档次逐一对应，应当补充裁量说明。")
    points[7]["text"] = "已由承办机构填写《涉嫌犯罪情形排查表》，未造成伤亡，暂不涉嫌犯罪。"
    points[9]["result"] = "na"
    return {
        "agency": "衢州市应急管理局", "number": "（衢）应急法审〔2024〕22号", "issued_on": "2024-12-10",
        "handling_unit": "衢州市应急管理综合行政执法队", "submitted_on": "2024-12-03", "stage": "before_notice",
        "parties": ["衢州市衢江区鑫志安矿业有限公司", "赵堃"], "cause": "擅自开采保安矿柱",
        "proposal": "拟对衢州市衢江区鑫志安矿业有限公司作出责令停产整顿、罚款人民币贰佰万元整（￥2,000,000.00）的行政处罚；"
        "拟对主要负责人赵堃作出罚款人民币壹拾伍万元整（￥150,000.00）的行政处罚。",
        "facts": "2024年11月5日至11月18日期间，该公司擅自开采防隔水矿柱，开采长度86.5米、宽度4.2米，回采矿石约2,730吨，形成重大事故隐患。",
        "basis": "《国务院关于预防煤矿生产安全事故的特别规定》第十条第一款",
        "draft_digest": "9f2b7c1d4e8a6053b1c2d3e4f5061728394a5b6c7d8e9f00112233445566778a",
        "materials": ["案件调查终结报告", "拟作出的行政处罚决定书（2份）", "证据材料及目录", "立案审批表", "裁量说明", "涉嫌犯罪情形排查表"],
        "points": points,
        "counsel": {"name": "孙颖律师", "firm": "浙江某某律师事务所", "opinion": "correct",
                    "text": "同意初审关于法律适用的意见。建议同时核实主要负责人是否履行《安全生产法》第二十一条规定的职责，避免重复评价。",
                    "adopted": "partly", "reason": "关于主要负责人履职情况的建议予以采纳；本案对单位和个人分别处罚依据不同条款，不存在重复评价。"},
        "opinion": "correct",
        "text": "一是重新确定法律依据和处罚种类、幅度。二是补充鉴定机构、鉴定人资质证明，补正询问笔录。三是完善裁量说明。",
        "reviewers": ["吴玥", "郑翀"], "attachments": ["逐项审核底稿", "法律顾问审查意见"],
    }  # fmt: skip


def discussion_record() -> dict[str, Any]:
    """The leaders discuss the 2,000,000 case."""
    names = [("余正", "党委书记、局长"), ("胡锐", "党委副书记、副局长"), ("丁喆", "党委委员、副局长"), ("邵昇", "党委委员、副局长"),
             ("毛颖", "党委委员、总工程师"), ("祝旻", "党委委员、政治部主任")]  # fmt: skip
    members: list[dict[str, Any]] = [{"name": name, "post": post} for name, post in names]
    members[4].update(present=False, reason="参加省应急管理厅培训")
    members[5].update(recused=True, reason="配偶在当事人处任职，本人申请回避")
    return {
        "agency": "衢州市应急管理局", "number": "（衢）应急集讨〔2025〕2号", "issued_on": "2025-01-15",
        "cause": "擅自开采保安矿柱", "parties": ["衢州市衢江区鑫志安矿业有限公司", "赵堃"],
        "began_at": "2025-01-15T09:00:00+08:00", "ended_at": "2025-01-15T10:40:00+08:00",
        "place": "市应急管理局三楼第一会议室", "host": "余正（党委书记、局长）", "recorder": "叶㛃（办公室）",
        "reporter": "方锴（市应急管理综合行政执法队，案件承办人）",
        "observers": ["吴玥（政策法规处）", "孙颖（法律顾问，浙江某某律师事务所）"], "members": members,
        "report": "方锴汇报：2024年11月19日检查发现，该公司擅自开采防隔水矿柱，开采长度86.5米、宽度4.2米，形成重大事故隐患。11月20日立案。"
        "2024年12月20日告知，当事人要求听证，2025年1月8日举行听证。\n经法制审核两次退回补充、纠正，现拟依据《中华人民共和国安全生产法》"
        "的规定，对单位处罚款人民币贰佰万元整，对主要负责人赵堃处罚款人民币壹拾伍万元整。",
        "review": "吴玥：本案经法制审核，主体适格、事实清楚、证据确凿、程序合法、适用法律准确、裁量适当，审核结论为同意。法律顾问无不同意见。",
        "discussion": "胡锐询问停产整顿的验收条件，方锴答复：须由原设计单位出具专项治理方案，经专家论证并验收合格后方可恢复生产。",
        "votes": [
            {"name": "余正", "choice": "approve", "opinion": "该案性质严重，社会影响大，处罚幅度与违法行为的性质、情节和危害程度相当，同意。会后要抓好"
             "停产整顿的督促落实，举一反三开展专项排查。"},
            {"name": "胡锐", "choice": "approve", "opinion": "同意承办机构意见。"},
            {"name": "丁喆", "choice": "change", "opinion": "同意处罚。考虑到企业已主动封闭采区，建议对主要负责人的罚款酌情下调。"},
            {"name": "邵昇", "choice": "approve", "opinion": "同意。"},
        ],
        "conclusion": "经集体讨论，以多数意见形成如下决定：\n一、对衢州市衢江区鑫志安矿业有限公司作出责令停产整顿、罚款人民币贰佰万元整"
        "（￥2,000,000.00）的行政处罚；\n二、对主要负责人赵堃作出罚款人民币壹拾伍万元整（￥150,000.00）的行政处罚。",
    }  # fmt: skip


SAMPLES = {
    "review_opinion": review_opinion,
    "discussion_record": discussion_record,
    "penalty_notice": penalty_notice,
    "penalty_decision": penalty_decision,
    "no_penalty_decision": no_penalty_decision,
    "referral_letter": referral_letter,
}
