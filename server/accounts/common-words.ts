/**
 * Folded words that stand in the first guesses of everybody who guesses, here and elsewhere: words for a password,
 * for a person in charge and for the thing itself, endearments, names and greetings. Longest first, so that what a
 * longer word covers is not left over by a shorter one.
 */
export const COMMON_WORDS: readonly string[] = `
password passwort passw0rd passwd pass matkhau mathau secret bimat khongnoi default changeme temporary
admin administrator quantri quantrivien quanly giamdoc lanhdao root toor system hethong superuser supervisor
operator vanhanh truccaban truca user nguoidung guest khach test thunghiem demo trainghiem sample public private
master server mayhu maychu database dulieu network internet camera thietbi device sensor cambien trungtam dieuhanh
haidang lighthouse ioc vietnam vietnamese tiengviet vn vnpt viettel mobifone fpt
welcome hello xinchao chaomung letmein openme login signin dangnhap access truycap entry
iloveyou ilove loveyou love anhyeuem emyeuanh yeuem yeuanh nhoem nhoanh mylove tinhyeu thuongem honey baby sunshine
princess dragon monkey shadow superman batman football baseball bongda hoangtu congchua pokemon
hanhphuc mayman phattai thanhcong giadinh conyeu bome mevacon conchodien
nguyen trang linh huong thuy phuong thanh tuan hung dung minh quang hoang duc khanh long nam lan mai hoa ngoc hien
summer winter spring autumn monday sunday january december muaxuan muahe muathu muadong
qwerty qwertz azerty asdfgh zxcvbn abcd abc123 a123 123abc 1q2w3e 1qaz 2wsx q1w2e3
computer maytinh laptop google facebook zalo youtube gmail yahoo hotmail apple samsung iphone
money tien tientai vang boss sep chief hacker killer whatever nothing
`
  .trim()
  .split(/\s+/)
  .filter((word, at, all) => word.length >= 3 && all.indexOf(word) === at)
  .sort((a, b) => b.length - a.length);
